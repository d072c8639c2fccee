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
    /// Whether the text ended too early, as one that was cut off does.
    package let isCutOff: Bool

    /// Makes an error.
    package init(offset: Int, message: String, isCutOff: Bool = false) {
        self.offset = offset
        self.message = message
        self.isCutOff = isCutOff
    }
}

/// Reads JSON (RFC 8259) strictly; of a key that comes twice the last wins, as with Python's `json`.
///
/// Unlike Python's it refuses `NaN` and `Infinity`, and escapes that name half of a surrogate pair, which no UTF-8 text
/// can carry.
package struct JSONParser {
    let bytes: ArraySlice<UInt8>
    let end: Int
    var index: Int

    /// How deep arrays and objects may nest.
    package static let depthLimit = 512

    private init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        index = bytes.startIndex
        end = bytes.endIndex
    }

    /// Reads one value that takes up the whole text, white space around it aside.
    package static func parse(_ bytes: ArraySlice<UInt8>) throws(JSONError) -> JSONValue {
        var parser = JSONParser(bytes)
        let value = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.index == parser.end else { throw parser.error("unexpected text after the value") }
        return value
    }

    /// Reads one value from a text.
    package static func parse(_ text: String) throws(JSONError) -> JSONValue {
        try parse(Array(text.utf8)[...])
    }

    func error(_ message: String) -> JSONError { error(message, at: index) }

    func error(_ message: String, at place: Int) -> JSONError {
        JSONError(offset: place - bytes.startIndex, message: message, isCutOff: place >= end)
    }

    var current: UInt8? { index < end ? bytes[index] : nil }

    func isNext(_ text: StaticString) -> Bool {
        index < end && bytes[index...].starts(with: text.description.utf8)
    }

    private mutating func skipSpace() {
        while index < end {
            let byte = bytes[index]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            index += 1
        }
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        guard depth < Self.depthLimit else { throw error("nested deeper than \(Self.depthLimit) levels") }
        skipSpace()
        switch current {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "'"): throw error("expected a value; JSON's strings take double quotes")
        case UInt8(ascii: "N"), UInt8(ascii: "I"): throw error("expected a value; JSON has no NaN and no Infinity")
        case nil: throw error("the text ends where a value was expected")
        default: return .number(try number())
        }
    }

    private mutating func word(_ text: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        guard isNext(text) else {
            let rest = bytes[index...]
            let isCutOff = text.description.utf8.starts(with: rest)
            throw error("expected a value", at: isCutOff ? end : index)
        }
        index += text.utf8CodeUnitCount
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
        var object = JSONObject.Builder()
        skipSpace()
        if current == UInt8(ascii: "}") {
            index += 1
            return .object(JSONObject())
        }
        while true {
            guard current == UInt8(ascii: "\"") else { throw error("expected a key in double quotes") }
            let key = try string()
            skipSpace()
            guard current == UInt8(ascii: ":") else { throw error("expected ':' after a key") }
            index += 1
            object.set(key, try value(depth: depth + 1))
            guard try continues(until: UInt8(ascii: "}")) else { return .object(object.finish()) }
        }
    }

    /// Goes past a comma and the white space behind it, or past the end of a list.
    private mutating func continues(until close: UInt8) throws(JSONError) -> Bool {
        skipSpace()
        switch current {
        case UInt8(ascii: ","):
            index += 1
            skipSpace()
            if current == close { throw error("a comma before '\(Character(UnicodeScalar(close)))'") }
            return true
        case close:
            index += 1
            return false
        case nil: throw error("the text ends inside \(close == UInt8(ascii: "]") ? "an array" : "an object")")
        default: throw error("expected ',' or '\(Character(UnicodeScalar(close)))'")
        }
    }
}
