//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// What a dataset's steps took, in a line such as `14,732 rows: 12 by filter, 3 duplicates and 4,717 beyond the limit
/// are left out; 10,000 are left`.
package enum RowStepsText {
    /// The line; without a full stop.
    package static func line(_ counts: RowStepCounts) -> String {
        let taken = [
            (counts.beyondWeights, "beyond the weights"), (counts.filtered, "by filter"),
            (counts.duplicates, counts.duplicates == 1 ? "duplicate" : "duplicates"),
            (counts.beyondLimit, "beyond the limit"),
        ]
        let parts = taken.filter { $0.0 > 0 }.map { "\(Figures.count($0.0)) \($0.1)" }
        let rows = Figures.count(counts.rows, "row")
        guard let last = parts.last else { return "\(rows), none left out" }
        let list = parts.count == 1 ? last : parts.dropLast().joined(separator: ", ") + " and " + last
        return "\(rows): \(list) left out; \(Figures.count(counts.kept)) left"
    }
}
