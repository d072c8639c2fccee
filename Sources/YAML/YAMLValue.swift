//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// A key of a mapping and its value.
package struct YAMLPair: Hashable, Sendable {
    /// The key.
    package var key: String
    /// The value.
    package var value: YAMLValue

    /// Makes a pair.
    package init(_ key: String, _ value: YAMLValue) {
        self.key = key
        self.value = value
    }

    /// Makes a pair.
    package init(key: String, value: YAMLValue) { self.init(key, value) }
}

/// A YAML document by its meaning, mappings in their order.
package indirect enum YAMLValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case int(Int)
    case double(Double)
    case string(String)
    case sequence([YAMLValue])
    case mapping([YAMLPair])
}

extension YAMLValue {
    /// The text of a string, else nothing.
    package var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The truth value of a boolean, else nothing.
    package var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The whole number, else nothing.
    package var int: Int? {
        if case .int(let value) = self { value } else { nil }
    }

    /// The number, whole or not, else nothing.
    package var double: Double? {
        switch self {
        case .double(let value): value
        case .int(let value): Double(value)
        default: nil
        }
    }

    /// The elements of a sequence, else nothing.
    package var sequence: [YAMLValue]? {
        if case .sequence(let elements) = self { elements } else { nil }
    }

    /// The pairs of a mapping, else nothing.
    package var mapping: [YAMLPair]? {
        if case .mapping(let pairs) = self { pairs } else { nil }
    }

    /// Whether there is nothing.
    package var isNull: Bool { self == .null }

    /// The value of a mapping's key; nothing where there is none, or this is no mapping.
    package subscript(key: String) -> YAMLValue? { mapping?.first { $0.key == key }?.value }

    /// A mapping of those pairs that have a value, in this order.
    package static func mapping(present pairs: [(String, YAMLValue?)]) -> YAMLValue {
        .mapping(pairs.compactMap { key, value in value.map { YAMLPair(key, $0) } })
    }
}

extension YAMLValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    /// A string.
    package init(stringLiteral value: String) { self = .string(value) }
    /// A whole number.
    package init(integerLiteral value: Int) { self = .int(value) }
    /// A number.
    package init(floatLiteral value: Double) { self = .double(value) }
    /// A boolean.
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    /// A sequence.
    package init(arrayLiteral elements: YAMLValue...) { self = .sequence(elements) }
    /// A mapping, its pairs in this order.
    package init(dictionaryLiteral elements: (String, YAMLValue)...) {
        self = .mapping(elements.map { YAMLPair($0.0, $0.1) })
    }
    /// Null.
    package init(nilLiteral: ()) { self = .null }
}
