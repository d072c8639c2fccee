//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Datasets
internal import Runs

/// The rows that a trial takes: the longest, which want the most memory, and others from everywhere in the dataset.
struct TrialSample {
    private let rows: Int
    private let wanted: Int
    private let longest: Set<Int>

    /// Chooses so many rows, in a pass over all of them.
    init(of rows: RenderedRows, wanted: Int, longest count: Int) throws {
        self.rows = rows.count
        self.wanted = min(wanted, rows.count)
        var kept: [(size: Int, index: Int)] = []
        try Self.forEach(rows) { index, row in
            guard kept.count < count || row.count > kept[kept.count - 1].size else { return }
            if kept.count == count { kept.removeLast() }
            let place = kept.firstIndex { $0.size < row.count } ?? kept.count
            kept.insert((row.count, index), at: place)
        }
        longest = Set(kept.map(\.index))
    }

    /// Whether a row is taken, by its place from 0.
    func contains(_ index: Int) -> Bool {
        guard wanted < rows else { return true }
        return longest.contains(index) || Self.share(index + 1, wanted, rows) > Self.share(index, wanted, rows)
    }

    /// Writes the rows that are taken.
    func write(_ rows: RenderedRows, to writer: RowWriter) throws {
        try Self.forEach(rows) { index, row in if contains(index) { try writer.write(lines: row) } }
    }

    private static func share(_ index: Int, _ wanted: Int, _ rows: Int) -> Int {
        Int(Double(index) / Double(rows) * Double(wanted))
    }

    /// Hands over each row with the line feed at its end.
    private static func forEach(_ rows: RenderedRows, _ body: (Int, ArraySlice<UInt8>) throws -> Void) throws {
        var index = 0
        try rows.write { lines in
            var start = lines.startIndex
            while let end = lines[start...].firstIndex(of: UInt8(ascii: "\n")) {
                try body(index, lines[start...end])
                index += 1
                start = end + 1
            }
        }
    }
}
