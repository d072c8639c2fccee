//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// A checked text and its lines: turns the parser's scalar offsets into positions.
struct TextMap {
    /// Half the size of `Int`s, which the size limit allows: a text may have many lines.
    private struct Line {
        private let first: UInt32
        private let count: UInt32

        init(start: Int, length: Int) { (first, count) = (UInt32(start), UInt32(length)) }

        var start: Int { Int(first) }
        var length: Int { Int(count) }
    }

    private var lines: [Line] = []

    /// Checks that the bytes are UTF-8 of characters that YAML allows, and finds the lines.
    init(_ bytes: [UInt8], within bounds: YAMLBounds = .standard) throws(YAMLError) {
        guard bytes.count <= bounds.bytes else {
            throw YAMLError("more than \(bounds.bytes >> 20) MB of YAML", at: YAMLPosition(line: 1, column: 1))
        }
        var decoder = UTF8Decoder(bytes)
        var offset = 0
        var start = 0
        var previous: Unicode.Scalar?
        while true {
            let item = decoder.next()
            if item == .end { break }
            let scalar = try Self.allowed(item, at: YAMLPosition(line: lines.count + 1, column: offset - start + 1))
            if scalar == "\r" || (scalar == "\n" && previous != "\r") {
                lines.append(Line(start: start, length: offset - start))
            }
            if scalar == "%", offset == start { try Self.checkDirective(decoder.rest, atLine: lines.count + 1) }
            offset += 1
            if scalar == "\r" || scalar == "\n" { start = offset }
            guard lines.count < bounds.lines else {
                let position = YAMLPosition(line: lines.count + 1, column: 1)
                throw YAMLError("more than \(bounds.lines) lines; use several files", at: position)
            }
            previous = scalar
        }
        lines.append(Line(start: start, length: offset - start))
    }

    /// libyaml compares each directive with all before it, and no tag of one's own is known here anyway.
    private static func checkDirective(_ rest: ArraySlice<UInt8>, atLine line: Int) throws(YAMLError) {
        guard rest.starts(with: "TAG".utf8) else { return }
        let position = YAMLPosition(line: line, column: 1)
        throw YAMLError("tags of one's own are not known here; leave %TAG out", at: position)
    }

    private static func allowed(_ item: UTF8Decoder.Item, at position: YAMLPosition) throws(YAMLError) -> Unicode.Scalar
    {
        switch item {
        case .end: throw YAMLError("the text ends", at: position)
        case .invalid(let byte):
            let hex = String(byte, radix: 16, uppercase: true)
            throw YAMLError("byte 0x\(hex) is not UTF-8; save the file as UTF-8", at: position)
        case .scalar("\u{FEFF}"):
            let isFirst = position == YAMLPosition(line: 1, column: 1)
            throw YAMLError(
                isFirst ? "the file begins with a byte order mark; save it as UTF-8 without one" : "a byte order mark",
                at: position
            )
        case .scalar("\0"): throw YAMLError("a NUL character; is this a text file?", at: position)
        case .scalar(let scalar):
            guard YAMLCharacters.isAllowed(scalar) else {
                let code = String(scalar.value, radix: 16, uppercase: true)
                let padded = String(repeating: "0", count: max(0, 4 - code.utf8.count)) + code
                throw YAMLError("the character U+\(padded) is not allowed; escape it in double quotes", at: position)
            }
            return scalar
        }
    }

    /// The position of the scalar at this offset.
    func position(_ offset: Int) -> YAMLPosition {
        var low = 0
        var high = lines.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if lines[middle].start <= offset { low = middle } else { high = middle - 1 }
        }
        return YAMLPosition(line: low + 1, column: offset - lines[low].start + 1)
    }

    /// The end of the last line before this position that is not empty, where the position is a line's beginning.
    func endOfText(before position: YAMLPosition, after start: YAMLPosition) -> YAMLPosition {
        var result = position
        while result.column == 1, result.line > start.line {
            result = YAMLPosition(line: result.line - 1, column: lines[result.line - 2].length + 1)
        }
        return max(result, start)
    }
}
