//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// What a scalar means: the core schema of YAML 1.2.
package enum CoreSchema {
    enum Kind {
        case scalar
        case sequence
        case mapping
    }

    private static let prefix = "tag:yaml.org,2002:"

    static func check(tag: String?, of kind: Kind, at position: YAMLPosition) throws(YAMLError) {
        guard let tag, tag != "!" else { return }
        let known =
            switch kind {
            case .scalar: ["str", "int", "float", "bool", "null"]
            case .sequence: ["seq"]
            case .mapping: ["map"]
            }
        guard !known.contains(where: { tag == prefix + $0 }) else { return }
        let shown = tag.hasPrefix(prefix) ? "!!" + tag.dropFirst(prefix.count) : tag
        throw YAMLError("the tag \(shown) is not known here", at: position)
    }

    /// The scalar's value; nothing where its tag asks for a type that its text is not.
    package static func value(of scalar: YAMLNode.Scalar) -> YAMLValue? {
        let plain = resolve(scalar.text)
        switch scalar.tag.map({ String($0.dropFirst(prefix.count)) }) {
        case nil: return scalar.style == .plain ? plain : .string(scalar.text)
        case "int": return plain.int.map { .int($0) }
        case "float": return plain.double.map { .double($0) }
        case "bool": return plain.bool.map { .bool($0) }
        case "null": return plain == .null ? .null : nil
        default: return .string(scalar.text)
        }
    }

    /// What an untagged plain scalar of this text means.
    package static func resolve(_ text: String) -> YAMLValue {
        // Most texts are words, which none of these begin like.
        guard let first = text.utf8.first else { return .null }
        guard mayBeNoString(first) else { return .string(text) }
        return switch text {
        case "~", "null", "Null", "NULL": .null
        case "true", "True", "TRUE": .bool(true)
        case "false", "False", "FALSE": .bool(false)
        case ".nan", ".NaN", ".NAN": .double(.nan)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": .double(.infinity)
        case "-.inf", "-.Inf", "-.INF": .double(-.infinity)
        default: number(text) ?? .string(text)
        }
    }

    /// Whether anything but a string begins with a byte.
    private static func mayBeNoString(_ first: UInt8) -> Bool {
        switch Unicode.Scalar(first) {
        case "0"..."9", "+", "-", ".", "~", "n", "N", "t", "T", "f", "F": true
        default: false
        }
    }

    private static func number(_ text: String) -> YAMLValue? {
        let bytes = Array(text.utf8)
        if bytes.starts(with: [0x30, 0x6F]) { return natural(text.dropFirst(2), radix: 8) }
        if bytes.starts(with: [0x30, 0x78]) { return natural(text.dropFirst(2), radix: 16) }
        switch shape(bytes) {
        case .none: return nil
        case .integer: return Int(text).map { .int($0) } ?? Double(text).map { .double($0) }
        case .fraction: return Double(text).map { .double($0) }
        }
    }

    private static func natural(_ digits: Substring, radix: Int) -> YAMLValue? {
        guard let first = digits.utf8.first, first != 0x2B, first != 0x2D else { return nil }
        return Int(digits, radix: radix).map { .int($0) }
    }

    private enum Shape {
        case none
        case integer
        case fraction
    }

    /// Recognizes `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`.
    private static func shape(_ bytes: [UInt8]) -> Shape {
        var rest = bytes[...]
        if let sign = rest.first, sign == 0x2B || sign == 0x2D { rest.removeFirst() }
        let whole = digits(&rest)
        var shape = Shape.integer
        var fraction = 0
        if rest.first == 0x2E {
            rest.removeFirst()
            fraction = digits(&rest)
            shape = .fraction
        }
        guard whole > 0 || fraction > 0 else { return .none }
        if let letter = rest.first, letter == 0x65 || letter == 0x45 {
            rest.removeFirst()
            if let sign = rest.first, sign == 0x2B || sign == 0x2D { rest.removeFirst() }
            guard digits(&rest) > 0 else { return .none }
            shape = .fraction
        }
        return rest.isEmpty ? shape : .none
    }

    private static func digits(_ rest: inout ArraySlice<UInt8>) -> Int {
        let count = rest.prefix { (0x30...0x39).contains($0) }.count
        rest.removeFirst(count)
        return count
    }
}
