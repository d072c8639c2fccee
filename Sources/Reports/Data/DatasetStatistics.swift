//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// The figures of a dataset.
package struct DatasetStatistics: Hashable, Sendable {
    /// The rows of one side.
    package struct Side: Hashable, Sendable {
        /// Their number.
        package var rows: Int
        /// Their bytes as the trainer reads them.
        package var bytes: Int
        /// How long they are, in estimated tokens.
        package var lengths: RowLengths

        /// Makes a side.
        package init(rows: Int, bytes: Int, lengths: RowLengths) {
            self.rows = rows
            self.bytes = bytes
            self.lengths = lengths
        }
    }

    /// Into how many packs the rows go that are trained on.
    package struct Packing: Hashable, Sendable {
        /// Tokens of a pack at most.
        package var size: Int
        /// Their number.
        package var packs: Int

        /// Makes figures of packing.
        package init(size: Int, packs: Int) {
            self.size = size
            self.packs = packs
        }
    }

    /// The dataset's name, or that of the fine-tune that trains on it.
    package var name: String
    /// The rows to train on.
    package var train: Side
    /// The rows to validate on.
    package var validation: Side
    /// What packing does.
    package var packing: Packing
    /// Rows that are the same as an earlier one of their side.
    package var duplicates = 0
    /// Whether there were so many rows that these are estimated from a part of them.
    package var areDuplicatesEstimated = false
    /// How often each completion is given; empty where completions are no labels.
    package var labels: [String: Int] = [:]
    /// Letters by script.
    package var scripts: [String: Int] = [:]

    /// Makes figures.
    package init(name: String, train: Side, validation: Side, packing: Packing) {
        self.name = name
        self.train = train
        self.validation = validation
        self.packing = packing
    }

    /// The share of steps that packing saves: every pack takes the place of the rows in it.
    package var savedByPacking: Double {
        train.rows > 0 ? max(0, 1 - Double(packing.packs) / Double(train.rows)) : 0
    }

    /// The rows of both sides.
    var rows: Int { train.rows + validation.rows }
}
