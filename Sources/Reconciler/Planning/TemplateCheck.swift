//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Datasets
internal import Manifests
internal import Resources

/// Finds templates whose texts are none, whether or not a fine-tune uses them.
enum TemplateCheck {
    static func findings(_ state: DesiredState, in files: [ManifestFile]) -> [Diagnostic] {
        state.templates.values.flatMap { template in
            let texts = Dictionary(template.spec.form.texts.map { ($0.key, $0.text) }) { first, _ in first }
            return CompiledTemplate.problems(of: template.spec).map { problem in
                let range = template.fields["spec.\(problem.part)"] ?? template.range
                let text = texts[problem.part] ?? ""
                let place = SourceLines.place(ofScalar: problem.offset, of: text, at: range, in: files)
                var finding = problem.diagnostic(at: place, of: range)
                finding.context = "Template \(template.name)"
                return finding
            }
        }
    }
}
