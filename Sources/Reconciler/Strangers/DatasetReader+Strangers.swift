//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Resources

extension DatasetReader {
    /// Findings about a dataset as strangers may see them: nothing is shown of rows that lie elsewhere, as who may write
    /// their digest into a manifest need not be allowed to read them.
    func shown(_ findings: [Diagnostic], of dataset: Located<Dataset>) -> [Diagnostic] {
        guard files.isForStrangers, isElsewhere(dataset) else { return findings }
        return findings.map { finding in
            var shown = finding
            (shown.sourceLine, shown.notes) = (nil, [])
            if finding.id == "bad-row", finding.range != nil {
                shown.message = "this row cannot be used; what is in it is not shown to strangers"
            }
            return shown
        }
    }

    /// Whether some of a dataset's rows lie elsewhere.
    private func isElsewhere(_ dataset: Located<Dataset>) -> Bool {
        guard case .mix(let parts) = dataset.spec.source else { return !dataset.spec.pins.isEmpty }
        return !dataset.spec.pins.isEmpty || parts.contains { datasets[$0.dataset].map(isElsewhere) ?? false }
    }
}
