//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// An amount of US dollars, exact to a millionth.
package struct Money: Hashable, Sendable, Comparable {
    /// Millionths of a dollar.
    package var micros: Int64

    /// Makes an amount from millionths of a dollar.
    package init(micros: Int64) { self.micros = micros }

    /// Nothing to pay.
    package static let zero = Money(micros: 0)

    /// Reads a plain decimal such as `0.348` or `30`; nothing where the text is no such number.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let fraction = parts.count > 1 ? String(parts[1]) : ""
        let isDecimal = (parts[0] + fraction).utf8.allSatisfy { (0x30...0x39).contains($0) }
        guard parts.count <= 2, isDecimal, !parts[0].isEmpty, fraction.utf8.count <= 6,
            parts.count == 1 || !fraction.isEmpty,
            let whole = Int64(parts[0]),
            let part = Int64((fraction + "000000").prefix(6))
        else { return nil }
        let (product, overflow) = whole.multipliedReportingOverflow(by: 1_000_000)
        guard !overflow, product <= Int64.max - part else { return nil }
        micros = product + part
    }

    /// The amount as a decimal with at least two and at most six places.
    package var decimal: String {
        let whole = micros / 1_000_000
        var fraction = String(String(1_000_000 + (micros % 1_000_000).magnitude).dropFirst())
        while fraction.utf8.count > 2, fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(micros < 0 && whole == 0 ? "-" : "")\(whole).\(fraction)"
    }

    /// The sum of two amounts, at most what an amount can hold.
    package static func + (left: Money, right: Money) -> Money {
        let (sum, overflow) = left.micros.addingReportingOverflow(right.micros)
        return Money(micros: overflow ? (right.micros < 0 ? .min : .max) : sum)
    }

    /// Orders amounts.
    package static func < (left: Money, right: Money) -> Bool { left.micros < right.micros }

    /// This price for a fractional number of units, rounded to a millionth, at most what an amount can hold.
    package func times(_ units: Double) -> Money {
        let product = (Double(micros) * units).rounded()
        return Money(micros: Int64(exactly: product) ?? (product < 0 ? .min : product > 0 ? .max : 0))
    }
}
