//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Resources

/// Looks whether the bytes of a file are UTF-8, as they come, and says where they are not.
struct TextCheck {
    private var line = 1
    /// Scalars of the line that are behind.
    private var column = 0
    private var isBehindReturn = false
    /// The bytes of a scalar that has begun.
    private var open: [UInt8] = []

    /// Takes the next bytes.
    mutating func check(_ bytes: ArraySlice<UInt8>, in file: String) throws(DatasetError) {
        for byte in bytes {
            if byte < 0x80, open.isEmpty {
                take(byte)
            } else {
                open.append(byte)
                try checkOpen(in: file)
            }
        }
    }

    /// Ends the file.
    func finish(in file: String) throws(DatasetError) {
        if let first = open.first { throw error(first, in: file) }
    }

    private mutating func take(_ byte: UInt8) {
        defer { isBehindReturn = byte == 0x0D }
        if byte == 0x0A, isBehindReturn { return }
        guard byte == 0x0A || byte == 0x0D else { return column += 1 }
        (line, column) = (line + 1, 0)
    }

    private mutating func checkOpen(in file: String) throws(DatasetError) {
        let size =
            switch open[0] {
            case 0xC2...0xDF: 2
            case 0xE0...0xEF: 3
            case 0xF0...0xF4: 4
            default: 1
            }
        let isWhole = open.count == size && String(validating: open, as: UTF8.self) != nil
        guard isWhole || (open.count < size && open.dropFirst().allSatisfy { $0 & 0xC0 == 0x80 }) else {
            throw error(open[0], in: file)
        }
        guard isWhole else { return }
        open.removeAll(keepingCapacity: true)
        (column, isBehindReturn) = (column + 1, false)
    }

    /// What is wrong with a byte that UTF-8 does not have where it stands, and what to do.
    static func reason(_ byte: UInt8) -> String {
        "byte 0x\(String(byte, radix: 16, uppercase: true)) is no UTF-8: the file is perhaps Windows-1252; save it as UTF-8"
    }

    private func error(_ byte: UInt8, in file: String) -> DatasetError {
        let start = SourcePosition(line: line, column: column + 1)
        let end = SourcePosition(line: line, column: column + 2)
        let reason = Self.reason(byte) + ", which spreadsheets call CSV UTF-8"
        let range = SourceRange(file: file, start: start, end: end)
        return DatasetError(
            .badRows,
            "\(file):\(line):\(column + 1): \(reason)",
            diagnostics: [Diagnostic("bad-row", reason, range: range)]
        )
    }
}
