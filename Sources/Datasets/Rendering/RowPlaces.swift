//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest

// Which rendered rows of a file validate: a row's place is the SHA-256 over the seed in decimal, a line feed, and the
// row's canonical JSON. With `fraction` a row validates where the first 53 bits of its place, as a number from 0 to 1,
// are below the fraction; so equal rows fall on one side and adding a row moves no other. With `rows` those of the
// lowest places validate, equal ones in the order of the file; so adding a row moves at most one other.

extension SHA256Hasher {
    /// The place of a row among all.
    mutating func place(of row: borrowing Span<UInt8>, seed: Int) -> SHA256Digest {
        update("\(seed)\n")
        return digest(of: row)
    }

    /// The digest of a row.
    mutating func digest(of row: borrowing Span<UInt8>) -> SHA256Digest {
        update(row)
        return next()
    }
}

extension SHA256Digest {
    /// Whether the place, as a number in [0, 1), is below a share.
    func isBelow(_ share: Double) -> Bool { Double(words.0 >> 11) * 0x1p-53 < share }
}

/// The rows of the lowest places of those seen so far.
struct LowestPlaces {
    private struct Entry: Comparable {
        let place: SHA256Digest
        let row: Int

        static func < (left: Entry, right: Entry) -> Bool { (left.place, left.row) < (right.place, right.row) }
    }

    private let limit: Int
    /// Sorted up to the limit each time that it has grown to twice as many.
    private var entries: [Entry] = []
    private var seen = 0

    /// Keeps so many.
    init(_ limit: Int) { self.limit = max(limit, 0) }

    /// Adds the next rows, in order.
    mutating func append(_ places: [SHA256Digest]) {
        for place in places {
            entries.append(Entry(place: place, row: seen))
            seen += 1
        }
        if entries.count > 2 * limit + 1 << 16 { cut() }
    }

    private mutating func cut() {
        entries.sort()
        entries.removeLast(max(entries.count - limit, 0))
    }

    /// The rows' numbers, from 0, in order.
    mutating func rows() -> [Int] {
        cut()
        return entries.map(\.row).sorted()
    }
}
