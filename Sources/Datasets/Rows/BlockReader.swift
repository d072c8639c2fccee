//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Cuts a source into blocks of whole lines.
struct BlockReader {
    private let file: String
    private let next: RowSource.NextChunk
    private var rest: LineBlock = []
    private var lines = 0
    private var isAtEnd = false

    /// Starts to read a source.
    init(_ source: RowSource) throws(DatasetError) {
        file = source.name
        next = try source.open()
    }

    /// The next block, or nothing at the end.
    mutating func nextBlock() throws(DatasetError) -> LineBlock? {
        while !isAtEnd {
            let chunk: [UInt8]?
            do { chunk = try next() } catch { throw .unreadable(file, error) }
            guard let chunk else {
                isAtEnd = true
                break
            }
            guard let end = chunk.lastIndex(of: UInt8(ascii: "\n")) else {
                rest.append(contentsOf: chunk)
                if rest.count > LineReader.lineLimit { throw LineReader.tooLong(file, line: lines + 1) }
                continue
            }
            return block(chunk, upTo: end)
        }
        defer { rest = [] }
        return rest.isEmpty ? nil : rest
    }

    private mutating func block(_ chunk: [UInt8], upTo end: Int) -> LineBlock {
        var block = rest
        rest = Array(chunk[(end + 1)...])
        if block.isEmpty, rest.isEmpty { return chunk }
        block.append(contentsOf: chunk[...end])
        return block
    }
}
