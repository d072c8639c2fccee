//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Datasets
internal import Manifests
internal import Resources

/// Finds filters that are none, whether or not a fine-tune uses their dataset.
enum FilterCheck {
    static func findings(_ state: DesiredState, in files: [ManifestFile]) -> [Diagnostic] {
        state.datasets.values.compactMap { dataset in
            guard let text = dataset.spec.filter else { return nil }
            do throws(FilterError) {
                _ = try RowFilter(text)
                return nil
            } catch {
                let range = dataset.fields["spec.filter"] ?? dataset.range
                let place = SourceLines.place(ofScalar: error.offset, of: text, at: range, in: files)
                var finding = error.diagnostic(at: place, of: range)
                finding.context = "Dataset \(dataset.name)"
                return finding
            }
        }
    }
}
