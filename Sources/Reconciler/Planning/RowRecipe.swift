//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Datasets
internal import Manifests
internal import Resources

/// By what rows are rendered, with its place in the manifests, and who asks for it.
struct RowRecipe {
    /// The template; none where rows are rendered already.
    var template: CompiledTemplate?
    /// Its manifest.
    var manifest: Located<Template>?
    /// The fine-tune that asks; none where somebody looks at a dataset.
    var fineTune: Located<FineTune>?

    /// The findings about fields that no row has, at the template that names them or the fine-tune that names none.
    func place(_ absent: AbsentFields, _ findings: [Diagnostic], in files: [ManifestFile]) -> [Diagnostic] {
        zip(absent.names, findings).map { field, finding in
            var placed = finding
            guard let manifest, let place = template?.place(of: field) else {
                placed.range = fineTune?.range
                placed.context = fineTune.map { "FineTune \($0.name)" }
                return placed
            }
            let text = manifest.spec.form.texts.first { $0.key == place.part }?.text ?? ""
            let range = manifest.fields["spec.\(place.part)"] ?? manifest.range
            placed.range = SourceLines.place(ofScalar: place.offset, of: text, at: range, in: files) ?? range
            placed.context = "Template \(manifest.name)"
            return placed
        } + findings.dropFirst(absent.names.count)
    }
}
