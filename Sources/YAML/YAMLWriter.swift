//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Writes values as block style YAML, two spaces a level, the same text for the same value.
package enum YAMLWriter {
    /// The longest key that a parser finds without an explicit `?`.
    private static let keyLimit = 1000

    /// The value's text, with a line feed at its end.
    package static func text(_ value: YAMLValue) -> String {
        var out = ""
        switch value {
        case .sequence(let elements) where !elements.isEmpty: writeSequence(elements, level: 0, to: &out)
        case .mapping(let pairs) where !pairs.isEmpty: writeMapping(pairs, level: 0, to: &out)
        default:
            writeScalar(value, level: 1, to: &out)
            out += "\n"
        }
        return out
    }

    /// A text on one line, in quotes where it needs them.
    package static func line(_ text: String) -> String { isPlain(text) ? text : ScalarText.quoted(text) }

    /// Whether every reader takes a text for itself where it stands without quotes.
    package static func isPlain(_ text: String) -> Bool { ScalarText.isPlain(text) }

    private static func writeSequence(_ elements: [YAMLValue], level: Int, to out: inout String) {
        for (index, element) in elements.enumerated() {
            if index > 0 { indent(level, &out) }
            out += "- "
            switch element {
            case .sequence(let inner) where !inner.isEmpty: writeSequence(inner, level: level + 1, to: &out)
            case .mapping(let pairs) where !pairs.isEmpty: writeMapping(pairs, level: level + 1, to: &out)
            default:
                writeScalar(element, level: level + 1, to: &out)
                out += "\n"
            }
        }
    }

    private static func writeMapping(_ pairs: [YAMLPair], level: Int, to out: inout String) {
        for (index, pair) in pairs.enumerated() {
            if index > 0 { indent(level, &out) }
            writeKey(pair.key, level: level, to: &out)
            switch pair.value {
            case .sequence(let elements) where !elements.isEmpty:
                out += "\n"
                indent(level + 1, &out)
                writeSequence(elements, level: level + 1, to: &out)
            case .mapping(let inner) where !inner.isEmpty:
                out += "\n"
                indent(level + 1, &out)
                writeMapping(inner, level: level + 1, to: &out)
            default:
                out += " "
                writeScalar(pair.value, level: level + 1, to: &out)
                out += "\n"
            }
        }
    }

    private static func writeKey(_ key: String, level: Int, to out: inout String) {
        let text = ScalarText.isPlain(key) ? key : ScalarText.quoted(key)
        if text.unicodeScalars.count <= keyLimit {
            out += text + ":"
        } else {
            out += "? " + ScalarText.quoted(key) + "\n"
            indent(level, &out)
            out += ":"
        }
    }

    private static func writeScalar(_ value: YAMLValue, level: Int, to out: inout String) {
        switch value {
        case .null: out += "null"
        case .bool(let value): out += value ? "true" : "false"
        case .int(let value): out += String(value)
        case .double(let value): out += number(value)
        case .string(let text): writeString(text, level: level, to: &out)
        case .sequence: out += "[]"
        case .mapping: out += "{}"
        }
    }

    private static func writeString(_ text: String, level: Int, to out: inout String) {
        switch ScalarText.form(of: text) {
        case .plain: out += text
        case .quoted: out += ScalarText.quoted(text)
        case .literal(let indicators):
            out += "|" + indicators
            var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
            if text.unicodeScalars.last == "\n" { lines.removeLast() }
            for line in lines {
                out += "\n"
                if !line.isEmpty { indent(level, &out) }
                out.unicodeScalars.append(contentsOf: line)
            }
        }
    }

    /// A double that every reader takes for one: YAML 1.1 wants a point before an exponent.
    private static func number(_ value: Double) -> String {
        if value.isNaN { return ".nan" }
        if value.isInfinite { return value < 0 ? "-.inf" : ".inf" }
        let text = value.description
        guard let exponent = text.firstIndex(of: "e"), !text.contains(".") else { return text }
        return text[..<exponent] + ".0" + text[exponent...]
    }

    private static func indent(_ level: Int, _ out: inout String) {
        out += String(repeating: "  ", count: level)
    }
}
