//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// The shortest decimal digits that read back as a double, from which each language lays out its own number text.
package struct ShortestDecimal: Hashable, Sendable {
    /// The digits, without zeros at either end; `0` for zero.
    package let digits: String
    /// The place of the point: the value is `0.digits` times ten to the power of this.
    package let exponent: Int

    /// The digits of a finite number's magnitude.
    package init(magnitudeOf value: Double) {
        let text = value.magnitude.description
        let parts = text.split(separator: "e")
        let power = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let whole = mantissa[0]
        let all = Array((whole + (mantissa.count > 1 ? mantissa[1] : "")).utf8)
        let zero = UInt8(ascii: "0")
        guard let first = all.firstIndex(where: { $0 != zero }), let last = all.lastIndex(where: { $0 != zero }) else {
            digits = "0"
            exponent = 1
            return
        }
        digits = String(decoding: all[first...last], as: UTF8.self)
        exponent = whole.utf8.count + power - first
    }
}
