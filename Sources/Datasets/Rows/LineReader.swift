//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Cuts a stream of bytes into lines at line feeds, holding no more than a chunk and a line.
struct LineReader {
    /// One line of a file.
    struct Line {
        /// The line's number, from 1.
        var number: Int
        /// Its bytes without the line feed.
        var bytes: ArraySlice<UInt8>
        /// Whether a line feed ended it; the last line of a file may lack one.
        var isTerminated: Bool

        /// Whether nothing but white space stands on it.
        var isBlank: Bool { bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D } }
    }

    /// Bytes that a line has at most.
    static let lineLimit = 64 << 20

    private let next: RowSource.NextChunk
    private let file: String
    private let limit: Int
    private var buffer: [UInt8] = []
    private var start = 0
    private var searched = 0
    private var number = 0
    private var isAtEnd = false

    /// Lines longer than the limit are refused, as a file without line feeds would otherwise be read into memory whole.
    init(_ next: @escaping RowSource.NextChunk, file: String, limit: Int = Self.lineLimit) {
        self.next = next
        self.file = file
        self.limit = limit
    }

    /// The error of a line that is longer than any row.
    static func tooLong(_ file: String, line: Int) -> DatasetError {
        DatasetError(
            .badRows,
            "\(file):\(line): a line is longer than \(lineLimit >> 20) MiB: a source has one JSON object a line"
        )
    }

    mutating func nextLine() throws(DatasetError) -> Line? {
        while true {
            if let end = lineFeed() {
                defer { (start, searched) = (end + 1, end + 1) }
                return line(upTo: end, isTerminated: true)
            }
            if isAtEnd { return lastLine() }
            try refill()
        }
    }

    private mutating func lineFeed() -> Int? {
        var index = searched
        let end = buffer.count
        while index < end {
            if buffer[index] == 0x0A { return index }
            index += 1
        }
        searched = end
        return nil
    }

    private mutating func lastLine() -> Line? {
        guard start < buffer.count else { return nil }
        defer { (start, searched) = (buffer.count, buffer.count) }
        return line(upTo: buffer.count, isTerminated: false)
    }

    private mutating func line(upTo end: Int, isTerminated: Bool) -> Line {
        number += 1
        return Line(number: number, bytes: buffer[start..<end], isTerminated: isTerminated)
    }

    private mutating func refill() throws(DatasetError) {
        guard buffer.count - start <= limit else { throw Self.tooLong(file, line: number + 1) }
        let chunk: [UInt8]?
        do { chunk = try next() } catch { throw .unreadable(file, error) }
        guard let chunk else {
            isAtEnd = true
            return
        }
        if start == buffer.count {
            buffer = chunk
        } else {
            buffer.removeFirst(start)
            buffer.append(contentsOf: chunk)
        }
        searched -= min(start, searched)
        start = 0
    }
}
