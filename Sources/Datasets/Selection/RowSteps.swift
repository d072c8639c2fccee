//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// What is done with the rows of a source before they are rendered: filter, dedupe, shuffle and limit, in this order.
package struct RowSteps: Hashable, Sendable {
    /// Which rows are kept by their fields.
    package var filter: RowFilter?
    /// Which rows are left out because an earlier one says the same.
    package var dedupe: Dataset.Dedupe?
    /// The seed of the rows' order; none where they stay in the order of the source.
    package var shuffle: Int?
    /// How many rows are kept at most.
    package var limit: Int?

    /// Compiles the steps of a dataset.
    package init(_ dataset: Dataset) throws(FilterError) {
        filter = try dataset.filter.map { text throws(FilterError) in try RowFilter(text) }
        (dedupe, shuffle, limit) = (dataset.dedupe, dataset.shuffle, dataset.limit)
    }

    /// Whether all rows stay as they are.
    package var isEmpty: Bool { filter == nil && dedupe == nil && shuffle == nil && limit == nil }
}
