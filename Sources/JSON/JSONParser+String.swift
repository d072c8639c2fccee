//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

extension JSONParser {
    mutating func string() throws(JSONError) -> String {
        index += 1
        let start = index
        try skipPlain()
        if bytes[index] == UInt8(ascii: "\"") { return try text(bytes[start..<index], from: start) }
        var copied = Array(bytes[start..<index])
        while bytes[index] != UInt8(ascii: "\"") {
            try escape(&copied)
            let rest = index
            try skipPlain()
            copied.append(contentsOf: bytes[rest..<index])
        }
        return try text(copied[...], from: start)
    }

    /// Goes on to the next quote or backslash.
    private mutating func skipPlain() throws(JSONError) {
        while index < end {
            let byte = bytes[index]
            if byte == 0x22 || byte == 0x5C { return }
            if byte < 0x20 { throw error("a control character in a string has to be escaped") }
            index += 1
        }
        throw error("the text ends inside a string")
    }

    private mutating func text(_ unescaped: ArraySlice<UInt8>, from start: Int) throws(JSONError) -> String {
        guard let text = String(validating: unescaped, as: UTF8.self) else {
            throw error("the string is not valid UTF-8", at: firstInvalid(from: start))
        }
        index += 1
        return text
    }

    /// Where UTF-8 breaks in the string that ends here; escapes are ASCII, so they need no unescaping for this.
    private func firstInvalid(from start: Int) -> Int {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: bytes[start..<index].span)
            return start
        } catch {
            return start + error.byteOffsets.lowerBound
        }
    }

    private mutating func escape(_ out: inout [UInt8]) throws(JSONError) {
        let start = index
        index += 1
        switch current {
        case 0x22, 0x5C, 0x2F: out.append(bytes[index])
        case 0x62: out.append(0x08)
        case 0x66: out.append(0x0C)
        case 0x6E: out.append(0x0A)
        case 0x72: out.append(0x0D)
        case 0x74: out.append(0x09)
        case 0x75:
            index += 1
            return out.append(contentsOf: String(Character(try unicodeScalar(from: start))).utf8)
        case nil: throw error("the text ends inside a string")
        default: throw error("unknown escape in a string")
        }
        index += 1
    }

    private mutating func unicodeScalar(from start: Int) throws(JSONError) -> UnicodeScalar {
        let half = "an escape names half of a surrogate pair, which UTF-8 cannot carry"
        let high = try codeUnit()
        if let scalar = UnicodeScalar(high) { return scalar }
        guard high < 0xDC00, isNext("\\u") else { throw error(half, at: start) }
        index += 2
        let low = try codeUnit()
        guard (0xDC00..<0xE000).contains(low),
            let scalar = UnicodeScalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
        else { throw error(half, at: start) }
        return scalar
    }

    private mutating func codeUnit() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current else { throw error("the text ends inside a string") }
            guard let digit = JSONEscape.hexValue(byte) else {
                throw error("expected four hexadecimal digits after \\u")
            }
            value = value << 4 | digit
            index += 1
        }
        return value
    }
}
