//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

extension HyperparameterValue {
    /// The value as a manifest would write it.
    package var text: String {
        switch self {
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .number(let value): Self.text(value)
        case .text(let text): text
        case .list(let names): names.joined(separator: ",")
        }
    }

    /// A number in its shortest form: whole ones without a point, very small ones by their exponent, as `1e-4`.
    private static func text(_ value: Double) -> String {
        if let whole = Int(exactly: value), whole.magnitude < 1_000_000_000 { return String(whole) }
        guard value.magnitude < 0.001 else { return value.description }
        let digits = scientific(value)
        return "\(digits.mantissa)e\(digits.exponent)"
    }

    private static func scientific(_ value: Double) -> (mantissa: String, exponent: Int) {
        let text = value.magnitude.description
        let parts = text.split(separator: "e")
        var exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        var digits = parts[0].filter { $0 != "." }
        if parts.count == 1 {
            // 0.00025: the zeros behind the point say the exponent.
            let zeros = digits.prefix { $0 == "0" }.count
            digits = String(digits.dropFirst(zeros))
            exponent = -zeros
        }
        while digits.count > 1, digits.hasSuffix("0") { digits.removeLast() }
        let mantissa = digits.count > 1 ? "\(digits.prefix(1)).\(digits.dropFirst())" : digits
        return ((value < 0 ? "-" : "") + mantissa, exponent)
    }
}
