//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// JSON's canonical form by RFC 8785: sorted keys, no white space, numbers as ECMAScript writes them.
package enum CanonicalJSON {
    /// The canonical text of a value.
    package static func text(_ value: JSONValue) -> String {
        var out: [UInt8] = []
        write(value, to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    /// Appends the canonical UTF-8 bytes of a value.
    package static func write(_ value: JSONValue, to out: inout [UInt8]) {
        switch value {
        case .null: out.append(contentsOf: "null".utf8)
        case .bool(let value): out.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let number): out.append(contentsOf: text(of: number).utf8)
        case .string(let text): JSONText.writeString(text, to: &out)
        case .array(let elements): writeArray(elements, to: &out)
        case .object(let object): writeObject(object, to: &out)
        }
    }

    private static func writeArray(_ elements: [JSONValue], to out: inout [UInt8]) {
        out.append(UInt8(ascii: "["))
        for (index, element) in elements.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            write(element, to: &out)
        }
        out.append(UInt8(ascii: "]"))
    }

    private static func writeObject(_ object: JSONObject, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "{"))
        let sorted = object.members.sorted { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }
        for (index, member) in sorted.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            JSONText.writeString(member.key, to: &out)
            out.append(UInt8(ascii: ":"))
            write(member.value, to: &out)
        }
        out.append(UInt8(ascii: "}"))
    }

    private static func text(of number: JSONNumber) -> String {
        if let int = number.int, isShort(Double(int)) { return String(int) }
        return text(of: number.double)
    }

    /// Whether a whole number has at most fifteen digits, which every double of it has exactly.
    private static func isShort(_ value: Double) -> Bool { value.magnitude < 1e15 && value == value.rounded() }

    /// A double as ECMAScript's Number::toString writes it (RFC 8785 section 3.2.2.3).
    ///
    /// The RFC has no text for what a double cannot hold. A number such as `1e400` becomes `1e999`, which reads back as
    /// the same infinity, and what is no number becomes `null`.
    package static func text(of value: Double) -> String {
        if isShort(value) { return String(Int(value)) }
        if value.isNaN { return "null" }
        let sign = value < 0 ? "-" : ""
        return sign + (value.isInfinite ? "1e999" : text(of: ShortestDecimal(magnitudeOf: value)))
    }

    private static func text(of decimal: ShortestDecimal) -> String {
        let (digits, exponent) = (decimal.digits, decimal.exponent)
        let count = digits.utf8.count
        if count <= exponent, exponent <= 21 { return digits + zeros(exponent - count) }
        if exponent > 0, exponent <= 21 { return digits.prefix(exponent) + "." + digits.dropFirst(exponent) }
        if exponent > -6, exponent <= 0 { return "0." + zeros(-exponent) + digits }
        let power = exponent - 1
        let mantissa = count == 1 ? digits : digits.prefix(1) + "." + digits.dropFirst()
        return mantissa + "e" + (power < 0 ? "-" : "+") + String(power.magnitude)
    }

    private static func zeros(_ count: Int) -> String { String(repeating: "0", count: count) }
}
