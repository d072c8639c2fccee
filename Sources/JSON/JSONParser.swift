//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// What is wrong with a JSON text, and where.
package struct JSONError: Error, Hashable, Sendable {
    /// The byte at which reading stopped, from 0.
    package let offset: Int
    /// What was expected, or what is wrong; lower case, no full stop.
    package let message: String
}

/// Reads JSON (RFC 8259) strictly; of a key that comes twice the last wins, as with Python's `json`.
package struct JSONParser {
    private let bytes: ArraySlice<UInt8>
    private var index: Int

    /// How deep arrays and objects may nest.
    package static let depthLimit = 512

    private init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        index = bytes.startIndex
    }

    /// Reads one value that takes up the whole text, white space around it aside.
    package static func parse(_ bytes: ArraySlice<UInt8>) throws(JSONError) -> JSONValue {
        var parser = JSONParser(bytes)
        let value = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.index == bytes.endIndex else { throw parser.error("unexpected text after the value") }
        return value
    }

    /// Reads one value from a text.
    package static func parse(_ text: String) throws(JSONError) -> JSONValue {
        try parse(Array(text.utf8)[...])
    }

    private func error(_ message: String) -> JSONError {
        JSONError(offset: index - bytes.startIndex, message: message)
    }

    private var current: UInt8? { index < bytes.endIndex ? bytes[index] : nil }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        guard depth < Self.depthLimit else { throw error("nested deeper than \(Self.depthLimit) levels") }
        skipSpace()
        switch current {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case nil: throw error("the text ends where a value was expected")
        default: return .number(try number())
        }
    }

    private mutating func word(_ text: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
        guard bytes[index...].starts(with: text.utf8) else { throw error("expected a value") }
        index += text.utf8.count
        return value
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
        index += 1
        var elements: [JSONValue] = []
        skipSpace()
        if current == UInt8(ascii: "]") {
            index += 1
            return .array([])
        }
        while true {
            elements.append(try value(depth: depth + 1))
            guard try continues(until: UInt8(ascii: "]")) else { return .array(elements) }
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
        index += 1
        var object = JSONObject()
        skipSpace()
        if current == UInt8(ascii: "}") {
            index += 1
            return .object(object)
        }
        while true {
            skipSpace()
            guard current == UInt8(ascii: "\"") else { throw error("expected a key in double quotes") }
            let key = try string()
            skipSpace()
            guard current == UInt8(ascii: ":") else { throw error("expected ':' after a key") }
            index += 1
            object[key] = try value(depth: depth + 1)
            guard try continues(until: UInt8(ascii: "}")) else { return .object(object) }
        }
    }

    private mutating func continues(until close: UInt8) throws(JSONError) -> Bool {
        skipSpace()
        switch current {
        case UInt8(ascii: ","):
            index += 1
            return true
        case close:
            index += 1
            return false
        case nil: throw error("the text ends inside \(close == UInt8(ascii: "]") ? "an array" : "an object")")
        default: throw error("expected ',' or '\(Character(UnicodeScalar(close)))'")
        }
    }

    private mutating func number() throws(JSONError) -> JSONNumber {
        let start = index
        if current == UInt8(ascii: "-") { index += 1 }
        if current == UInt8(ascii: "0") { index += 1 } else { try digits("expected a value") }
        if current == UInt8(ascii: ".") {
            index += 1
            try digits("expected a digit after '.'")
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            index += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { index += 1 }
            try digits("expected a digit in the exponent")
        }
        return JSONNumber(literal: String(decoding: bytes[start..<index], as: UTF8.self))
    }

    private mutating func digits(_ message: String) throws(JSONError) {
        let start = index
        while let byte = current, (0x30...0x39).contains(byte) { index += 1 }
        if start == index { throw error(message) }
    }

    private mutating func string() throws(JSONError) -> String {
        index += 1
        let start = index
        var copied: [UInt8]?
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                let text =
                    copied.map { String(validating: $0, as: UTF8.self) }
                    ?? String(validating: bytes[start..<index], as: UTF8.self)
                guard let text else { throw error("the string is not valid UTF-8") }
                index += 1
                return text
            case UInt8(ascii: "\\"):
                var unescaped = copied ?? Array(bytes[start..<index])
                try escape(&unescaped)
                copied = unescaped
            case 0..<0x20: throw error("a control character in a string has to be escaped")
            default:
                copied?.append(byte)
                index += 1
            }
        }
        throw error("the text ends inside a string")
    }

    private mutating func escape(_ out: inout [UInt8]) throws(JSONError) {
        index += 1
        let simple: [UInt8: UInt8] = [
            0x22: 0x22, 0x5C: 0x5C, 0x2F: 0x2F, 0x62: 0x08, 0x66: 0x0C, 0x6E: 0x0A, 0x72: 0x0D, 0x74: 0x09,
        ]
        guard let byte = current else { throw error("the text ends inside a string") }
        if let plain = simple[byte] {
            out.append(plain)
            index += 1
            return
        }
        guard byte == UInt8(ascii: "u") else { throw error("unknown escape in a string") }
        index += 1
        let scalar = try unicodeScalar()
        out.append(contentsOf: String(Character(scalar)).utf8)
    }

    private mutating func unicodeScalar() throws(JSONError) -> UnicodeScalar {
        let high = try codeUnit()
        if let scalar = UnicodeScalar(high) { return scalar }
        guard (0xD800..<0xDC00).contains(high), bytes[index...].starts(with: "\\u".utf8) else {
            throw error("an escape names half of a surrogate pair")
        }
        index += 2
        let low = try codeUnit()
        guard (0xDC00..<0xE000).contains(low),
            let scalar = UnicodeScalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
        else { throw error("an escape names half of a surrogate pair") }
        return scalar
    }

    private mutating func codeUnit() throws(JSONError) -> UInt32 {
        let end = index + 4
        guard end <= bytes.endIndex,
            let value = UInt32(String(decoding: bytes[index..<end], as: UTF8.self), radix: 16),
            bytes[index] != UInt8(ascii: "+")
        else { throw error("expected four hexadecimal digits after \\u") }
        index = end
        return value
    }
}
