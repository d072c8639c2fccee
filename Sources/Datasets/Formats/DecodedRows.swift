//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Reads a source of any format as lines of JSON.
final class DecodedRows {
    private let bytes: InflatedBytes
    private var decoder: any RowDecoder
    private var isAtEnd = false
    private var lines: DecodedLines

    init(_ source: RowSource, _ decoder: any RowDecoder, _ limits: DecodingLimits, notesStarts: Bool = false) throws {
        bytes = try InflatedBytes(source, limits)
        self.decoder = decoder
        lines = DecodedLines(notesStarts: notesStarts)
    }

    /// For each row that was read, the line of the file that it starts on.
    var starts: [Int] { lines.starts }

    /// The next lines of JSON, or nothing at the end.
    func next() throws -> [UInt8]? {
        lines.removeBytes()
        while lines.bytes.isEmpty {
            guard !isAtEnd else { return nil }
            if let chunk = try bytes.nextChunk() {
                try decoder.decode(chunk, to: &lines)
            } else {
                isAtEnd = true
                try decoder.finish(to: &lines)
            }
        }
        return lines.bytes
    }
}
