//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// All that training reads of a dataset, and what plans and records say of it.
package struct RenderedDataset: Hashable, Sendable {
    /// The rows to train on, in the order of the source.
    package let train: RenderedRows
    /// The rows to validate on; none where nothing was asked for or nothing was chosen.
    package let validation: RenderedRows?
    /// The SHA-256 of `train.jsonl`.
    package let trainDigest: ContentDigest
    /// The SHA-256 of `validation.jsonl`, where there are rows to validate on.
    package let validationDigest: ContentDigest?
    /// The SHA-256 of the source's bytes.
    package let sourceDigest: ContentDigest
    /// The digests of all rows of both sides.
    package let rowDigests: [ContentDigest]

    init(
        train: RenderedRows,
        validation: RenderedRows?,
        sourceDigest: ContentDigest,
        rowDigests: [ContentDigest]
    ) {
        self.train = train
        self.validation = validation
        self.sourceDigest = sourceDigest
        self.rowDigests = rowDigests
        trainDigest = train.digest
        validationDigest = validation?.digest
    }
}
