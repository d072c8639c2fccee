//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Makes lines of JSON of the bytes of another format, a row a line.
protocol RowDecoder {
    /// Takes the next bytes of the file, and appends the rows that are whole.
    mutating func decode(_ bytes: [UInt8], to out: inout DecodedLines) throws(DatasetError)
    /// Ends the file.
    mutating func finish(to out: inout DecodedLines) throws(DatasetError)
}

/// Rows as lines of JSON, with the lines that they start on in their file where somebody wants to know.
struct DecodedLines {
    var bytes: [UInt8] = []
    /// For each row, the line of the file that it starts on; kept only where they are asked for.
    private(set) var starts: [Int] = []
    let notesStarts: Bool

    init(notesStarts: Bool = false) { self.notesStarts = notesStarts }

    /// Ends a row that started on a line of the file.
    mutating func endRow(from line: Int) {
        bytes.append(0x0A)
        if notesStarts { starts.append(line) }
    }

    /// Appends a row that could not be read.
    mutating func appendMark(_ reason: String, _ row: some Collection<UInt8>, from line: Int) {
        RowMark.write(reason, row, to: &bytes)
        endRow(from: line)
    }

    /// Forgets the bytes, which have been handed on.
    mutating func removeBytes() { bytes.removeAll(keepingCapacity: true) }
}
