//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON

/// Values as Python's `str()` writes what `json.loads` made of them.
enum PythonText {
    /// The text of a string, number, boolean or null; nothing for a list or an object.
    static func text(of value: JSONValue) -> String? {
        switch value {
        case .string(let text): text
        case .number(let number): text(of: number)
        case .bool(let value): value ? "True" : "False"
        case .null: "None"
        case .array, .object: nil
        }
    }

    private static func text(of number: JSONNumber) -> String {
        guard number.isInteger else { return text(of: number.double) }
        return number.literal == "-0" ? "0" : number.literal
    }

    /// A double as Python's `repr` lays out its shortest digits.
    static func text(of value: Double) -> String {
        if value.isNaN { return "nan" }
        let sign = value.sign == .minus ? "-" : ""
        if value.isInfinite { return sign + "inf" }
        if value == 0 { return sign + "0.0" }
        let decimal = ShortestDecimal(magnitudeOf: value)
        return sign + (-3...16 ~= decimal.exponent ? positional(decimal) : scientific(decimal))
    }

    private static func positional(_ decimal: ShortestDecimal) -> String {
        let (digits, exponent) = (decimal.digits, decimal.exponent)
        if exponent <= 0 { return "0." + String(repeating: "0", count: -exponent) + digits }
        let zeros = exponent - digits.utf8.count
        if zeros >= 0 { return digits + String(repeating: "0", count: zeros) + ".0" }
        return digits.prefix(exponent) + "." + digits.dropFirst(exponent)
    }

    private static func scientific(_ decimal: ShortestDecimal) -> String {
        let power = decimal.exponent - 1
        let mantissa = decimal.digits.prefix(1)
        let rest = decimal.digits.dropFirst()
        let digits = String(power.magnitude)
        let padded = digits.utf8.count < 2 ? "0" + digits : digits
        return mantissa + (rest.isEmpty ? "" : "." + rest) + "e" + (power < 0 ? "-" : "+") + padded
    }
}
