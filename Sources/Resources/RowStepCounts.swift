//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// How many rows each step of a dataset took: weights of a mixture, filter, dedupe and limit.
package struct RowStepCounts: Hashable, Sendable {
    /// Rows of the source.
    package var rows = 0
    /// Rows that the filter left out.
    package var filtered = 0
    /// Rows that said the same as an earlier one, or nearly.
    package var duplicates = 0
    /// Rows beyond the limit.
    package var beyondLimit = 0

    /// Rows that the weights of a mixture leave out.
    package var beyondWeights = 0

    /// Rows that are left, to be split.
    package var kept: Int { rows - filtered - duplicates - beyondLimit - beyondWeights }

    /// Makes counts of no rows.
    package init() {}
}
