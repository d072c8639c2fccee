//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Digest

/// The digests of a dataset's rendered rows, sorted; equal rows stand as often as there are.
///
/// A row's digest is the SHA-256 of its canonical JSON without a line feed. As an artifact they are written as 64
/// lowercase hexadecimal digits and a line feed each.
package struct RowDigests: Hashable, Sendable {
    /// The digests, in ascending order.
    package let digests: [SHA256Digest]

    /// Sorts digests.
    package init(_ digests: [SHA256Digest]) { self.digests = digests.sorted() }

    /// The artifact's bytes.
    package func encode() -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(digests.count * 65)
        for digest in digests {
            out.append(contentsOf: digest.hex.utf8)
            out.append(0x0A)
        }
        return out
    }

    /// Reads an artifact's bytes; nothing where they are no such artifact.
    package static func decode(_ bytes: [UInt8]) -> RowDigests? {
        guard bytes.count.isMultiple(of: 65) else { return nil }
        var digests: [SHA256Digest] = []
        for start in stride(from: 0, to: bytes.count, by: 65) {
            let hex = String(decoding: bytes[start..<(start + 64)], as: UTF8.self)
            guard bytes[start + 64] == 0x0A, let digest = SHA256Digest(hex: hex) else { return nil }
            digests.append(digest)
        }
        return RowDigests(digests)
    }
}

/// How many rows one dataset has that another has not: what `+120 -3 rows` says.
package struct RowDifference: Hashable, Sendable {
    /// Rows that only the new one has.
    package let added: Int
    /// Rows that only the old one has.
    package let removed: Int

    /// Compares two lists as multisets: a row that comes twice counts twice.
    package init(from old: RowDigests, to new: RowDigests) {
        var (added, removed, left, right) = (0, 0, 0, 0)
        while left < old.digests.count, right < new.digests.count {
            if old.digests[left] == new.digests[right] {
                (left, right) = (left + 1, right + 1)
            } else if old.digests[left] < new.digests[right] {
                (removed, left) = (removed + 1, left + 1)
            } else {
                (added, right) = (added + 1, right + 1)
            }
        }
        self.added = added + new.digests.count - right
        self.removed = removed + old.digests.count - left
    }

    /// Whether both have the same rows, in whatever order.
    package var isEmpty: Bool { added == 0 && removed == 0 }

    /// `+120 -3 rows`, `+1 row`; empty where nothing differs.
    package var text: String {
        guard !isEmpty else { return "" }
        let parts = [added > 0 ? "+\(added)" : "", removed > 0 ? "-\(removed)" : ""].filter { !$0.isEmpty }
        return parts.joined(separator: " ") + (added + removed == 1 ? " row" : " rows")
    }
}
