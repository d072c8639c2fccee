//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// How long rows are, in tokens: a histogram whose buckets are exact below 16 and an eighth of an octave above.
///
/// It says how rows pack and how many are longer than something, and stays small however many rows there are.
package struct RowLengths: Hashable, Sendable {
    /// Rows and their tokens by bucket, up to the last that has some.
    private var buckets: [Bucket] = []

    private struct Bucket: Hashable, Sendable {
        var rows = 0
        var tokens = 0
    }

    /// Makes an empty histogram.
    package init() {}

    /// Makes a histogram of rows of the given lengths.
    package init(_ lengths: some Sequence<Int>) {
        for length in lengths { add(length) }
    }

    /// Counts rows of a length.
    package mutating func add(_ length: Int, times rows: Int = 1) {
        add(rows: rows, tokens: length * rows, to: Self.bucket(of: length))
    }

    /// Counts all rows of another histogram.
    package mutating func add(_ other: RowLengths) {
        for (index, bucket) in other.buckets.enumerated() {
            add(rows: bucket.rows, tokens: bucket.tokens, to: index)
        }
    }

    private mutating func add(rows: Int, tokens: Int, to index: Int) {
        guard rows > 0 else { return }
        while buckets.count <= index { buckets.append(Bucket()) }
        buckets[index].rows += rows
        buckets[index].tokens += tokens
    }

    /// The lengths of rows that get so many tokens more, and are then cut to a limit.
    package func lengthened(by more: Int, limit: Int) -> RowLengths {
        groups.reduce(into: RowLengths()) { $0.add(min($1.length + more, limit), times: $1.rows) }
    }

    /// How many rows there are.
    package var rows: Int { buckets.reduce(0) { $0 + $1.rows } }
    /// The tokens of all rows.
    package var tokens: Int { buckets.reduce(0) { $0 + $1.tokens } }

    /// One bucket: its rows, and how long they are on average.
    package struct Group: Hashable, Sendable {
        /// Their number.
        package let rows: Int
        /// The mean of their lengths.
        package let length: Int
    }

    /// The buckets that have rows, the shortest rows first.
    package var groups: [Group] {
        buckets.filter { $0.rows > 0 }.map { bucket in
            Group(rows: bucket.rows, length: (bucket.tokens + bucket.rows / 2) / bucket.rows)
        }
    }

    /// How many rows have more tokens than a limit; those in the limit's own bucket count by their mean.
    package func rows(over limit: Int) -> Int {
        groups.reduce(0) { $0 + ($1.length > limit ? $1.rows : 0) }
    }

    /// The length below which a share of the rows lie; zero without rows.
    package func quantile(_ share: Double) -> Int {
        let wanted = Int((Double(rows) * share).rounded(.up))
        var seen = 0
        for group in groups {
            seen += group.rows
            if seen >= max(1, wanted) { return group.length }
        }
        return 0
    }

    /// The form in which it is kept: bucket, rows and tokens in turn.
    package var figures: [Int] {
        buckets.enumerated().filter { $0.element.rows > 0 }.flatMap { [$0.offset, $0.element.rows, $0.element.tokens] }
    }

    /// Reads that form; nothing where the figures are none.
    package init?(figures: [Int]) {
        guard figures.count.isMultiple(of: 3) else { return nil }
        for start in stride(from: 0, to: figures.count, by: 3) {
            let isBucket = figures[start] >= 0 && figures[start] < Self.buckets
            guard isBucket, figures[(start + 1)...(start + 2)].allSatisfy({ $0 >= 0 && $0 < 1 << 48 }) else {
                return nil
            }
            add(rows: figures[start + 1], tokens: figures[start + 2], to: figures[start])
        }
    }

    /// How many buckets there are at most.
    private static let buckets = 512

    private static func bucket(of length: Int) -> Int {
        guard length >= 16 else { return max(0, length) }
        let octave = Int.bitWidth - 1 - length.leadingZeroBitCount
        return octave * 8 - 16 + (length >> (octave - 3) & 7)
    }
}
