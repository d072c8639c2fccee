//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Lines in the order of their hashes.
struct ShuffledLines {
    private struct Entry {
        var order: UInt64
        var place: Int
        var count: Int32
        var line: Int32
    }

    private static let chunkSize = 1 << 20

    private var spool = RowSpool()
    private var entries: [Entry] = []
    private var position = 0
    /// Lines that are no rows, which no limit leaves out.
    private var problems: [Entry] = []
    /// Whether all lines are there, and in order.
    private(set) var isSorted = false

    /// Adds the line of a number.
    mutating func append(_ bytes: ArraySlice<UInt8>, order: UInt64, line: Int, isRow: Bool) throws {
        let entry = Entry(
            order: order,
            place: try spool.append(bytes),
            count: Int32(bytes.count),
            line: Int32(clamping: line)
        )
        if isRow { entries.append(entry) } else { problems.append(entry) }
    }

    /// Brings them into order, equal ones as they came, and keeps the first of them; says how many were left out.
    mutating func sort(limit: Int?) -> Int {
        isSorted = true
        entries.sort { ($0.order, $0.line) < ($1.order, $1.line) }
        let beyond = limit.map { max(0, entries.count - $0) } ?? 0
        entries.removeLast(beyond)
        entries += problems
        return beyond
    }

    /// The numbers that the lines had, in order.
    var lines: [Int] { entries.map { Int($0.line) } }

    /// The next lines in order, or nothing at the end.
    mutating func next() throws -> [UInt8]? {
        guard position < entries.count else { return nil }
        var out: [UInt8] = []
        while position < entries.count, out.count < Self.chunkSize {
            try spool.read(entries[position].place, count: Int(entries[position].count), to: &out)
            out.append(0x0A)
            position += 1
        }
        return out
    }
}
