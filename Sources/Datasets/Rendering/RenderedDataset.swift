//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// A dataset as the trainer reads it.
package struct RenderedDataset: Sendable {
    /// The rows to train on, in the order of the source.
    package let train: RenderedRows
    /// The rows to validate on; none where nothing was asked for or nothing was chosen.
    package let validation: RenderedRows?
    /// Whether the rows to validate on have a source of their own.
    let hasOwnValidation: Bool
    /// The SHA-256 of the source's bytes.
    package let sourceDigest: ContentDigest
    /// What the rows were rendered by: the template's form, or what stands for it where there was none.
    package let form: Template.Form
    /// How many rows the dataset's steps took; nothing where it has none.
    package let steps: RowStepCounts?
    /// How far the file that they come from is known; nothing where it is none that is read on.
    let growth: Growth?
    /// The rows before the dataset's steps.
    let origin: RowSource
    /// What was rendered.
    let dataset: Dataset

    /// How many rows were added since the rows had these digests; nothing where it is not known that these were the same
    /// rows up to a place and no others.
    ///
    /// It costs nothing, where the digests of all rows cost a pass over them.
    package func rowsAdded(sinceTrain train: ContentDigest, validation: ContentDigest?) -> Int? {
        guard let growth, !hasOwnValidation || validation == self.validation?.digest else { return nil }
        let others = hasOwnValidation ? nil : validation
        let past = growth.past.last { $0.train == train && $0.validation == others }
        return past.map { self.train.count + (hasOwnValidation ? 0 : self.validation?.count ?? 0) - $0.rows }
    }

    /// The digests of all rows of both sides.
    ///
    /// They cost a pass over the rows, so they are taken only where rows are compared or kept.
    package func rowDigests() throws -> RowDigests {
        var digests = RowDigests()
        try train.addRowDigests(to: &digests)
        if hasOwnValidation, let validation { try validation.addRowDigests(to: &digests) }
        return digests
    }
}
