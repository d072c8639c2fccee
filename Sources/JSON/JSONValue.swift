//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// A JSON value that keeps what the text said: the order of members, and numbers as they were written.
///
/// Equal values say the same in the same order: strings are compared byte for byte and numbers by their text.
package enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

extension JSONValue {
    /// Whether two values say the same, in the same order and by the same bytes.
    package static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): left.isIdentical(to: right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }

    /// The text of a string, else nothing.
    package var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The truth value of a boolean, else nothing.
    package var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The number as a double, else nothing.
    package var double: Double? {
        if case .number(let number) = self { number.double } else { nil }
    }

    /// The number where it is a whole one that fits, else nothing.
    package var int: Int? {
        if case .number(let number) = self { number.int } else { nil }
    }

    /// The elements of an array, else nothing.
    package var array: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The object, else nothing.
    package var object: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }

    /// The member of an object by its key; nothing where there is none, or this is no object.
    package subscript(key: String) -> JSONValue? { object?[key] }

    /// A number from a whole one.
    package static func int(_ value: Int) -> JSONValue { .number(JSONNumber(value)) }

    /// A number from a finite double; null for one that JSON cannot say.
    package static func double(_ value: Double) -> JSONValue {
        value.isFinite ? .number(JSONNumber(value)) : .null
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    /// A string.
    package init(stringLiteral value: String) { self = .string(value) }
    /// A whole number.
    package init(integerLiteral value: Int) { self = .int(value) }
    /// A boolean.
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    /// An array.
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// An object, its members in this order.
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(elements.map { JSONObject.Member(key: $0.0, value: $0.1) }))
    }
    /// Null.
    package init(nilLiteral: ()) { self = .null }
}

/// A JSON number as it was written.
package struct JSONNumber: Hashable, Sendable {
    /// The number's text, which keeps JSON's grammar.
    package let literal: String

    /// Makes a number from a text that the caller knows to keep JSON's grammar.
    package init(literal: String) { self.literal = literal }

    /// Makes a whole number.
    package init(_ value: Int) { literal = String(value) }

    /// Makes a number from a finite double, in the form of RFC 8785.
    package init(_ value: Double) { literal = CanonicalJSON.text(of: value) }

    /// The nearest double.
    package var double: Double { Double(literal) ?? .nan }

    /// The value where the text is a whole number that fits 64 bits.
    package var int: Int? { Int(literal) }

    /// Whether the text has neither fraction nor exponent.
    package var isInteger: Bool { !literal.utf8.contains { $0 == 0x2E || $0 == 0x65 || $0 == 0x45 } }
}
