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
}

/// The digests of all rendered rows, sorted: by them two renderings are compared without their rows.
package struct RowDigests: Hashable, Sendable {
    /// The digests, sorted; a row that is there twice has two.
    package let sorted: [ContentDigest]

    /// Makes the digests of rows in any order.
    package init(_ digests: [ContentDigest]) { sorted = digests.sorted() }

    /// Reads the form in which a version keeps them: one digest a line.
    package init(bytes: ArraySlice<UInt8>) throws(PlanningError) {
        var digests: [ContentDigest] = []
        digests.reserveCapacity(bytes.count / Self.lineSize)
        for start in stride(from: bytes.startIndex, to: bytes.endIndex, by: Self.lineSize) {
            let line = bytes[start..<min(start + Self.lineSize, bytes.endIndex)]
            guard line.last == 0x0A, let digest = ContentDigest(line.dropLast()) else {
                throw PlanningError(.damagedRowDigests, "line \(digests.count + 1) of the row digests is no SHA-256")
            }
            digests.append(digest)
        }
        self.init(digests)
    }

    private static let lineSize = 65

    /// The form in which a version keeps them: one digest a line.
    package var text: String { sorted.map { $0.rawValue + "\n" }.joined() }

    /// The digest of that form, by which the artifact store knows it.
    package var digest: ContentDigest { .ofText(text) }

    /// What came and went since an older rendering.
    package func difference(from old: RowDigests) -> RowDifference {
        var result = RowDifference(added: 0, removed: 0)
        var (left, right) = (0, 0)
        while left < old.sorted.count, right < sorted.count {
            if old.sorted[left] == sorted[right] {
                left += 1
                right += 1
            } else if old.sorted[left] < sorted[right] {
                result.removed += 1
                left += 1
            } else {
                result.added += 1
                right += 1
            }
        }
        result.removed += old.sorted.count - left
        result.added += sorted.count - right
        return result
    }
}
