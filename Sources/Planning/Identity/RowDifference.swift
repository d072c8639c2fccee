//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// Rows that came and rows that went between two renderings of a dataset.
package struct RowDifference: Hashable, Sendable {
    /// Rows that only the new one has.
    package var added: Int
    /// Rows that only the old one has.
    package var removed: Int

    /// Makes a difference.
    package init(added: Int, removed: Int) {
        self.added = added
        self.removed = removed
    }

    /// Compares the digests of all rows of two renderings, each of which gives the next one in order; a row that is
    /// there twice has two.
    package init<Failure>(
        from old: () throws(Failure) -> ContentDigest?,
        to new: () throws(Failure) -> ContentDigest?
    ) throws(Failure) {
        self.init(added: 0, removed: 0)
        var (left, right) = (try old(), try new())
        while left != nil || right != nil {
            guard let before = left, let after = right else {
                if left != nil { removed += 1 } else { added += 1 }
                if left != nil { left = try old() } else { right = try new() }
                continue
            }
            if before < after { removed += 1 }
            if after < before { added += 1 }
            if before <= after { left = try old() }
            if after <= before { right = try new() }
        }
    }
}
