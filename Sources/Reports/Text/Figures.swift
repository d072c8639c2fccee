//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// Numbers, times, bytes and money for people: the one place that says how each is written.
package enum Figures {
    /// A whole number with commas, such as `9,300`.
    package static func count(_ value: Int) -> String {
        let digits = String(value.magnitude)
        var text = value < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
            text.append(digit)
        }
        return text
    }

    /// A number of things, such as `1 row` or `2,400 rows`.
    package static func count(_ value: Int, _ one: String, _ many: String? = nil) -> String {
        "\(count(value)) \(value == 1 ? one : many ?? one + "s")"
    }

    /// A number with so many decimal places, whatever the locale.
    package static func fixed(_ value: Double, places: Int) -> String {
        guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
        let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
        guard let scaled = Int64(exactly: (value.magnitude * scale).rounded()) else { return value.description }
        let digits = String(scaled)
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.utf8.count)) + digits
        let sign = value < 0 && scaled != 0 ? "-" : ""
        return places == 0 ? sign + padded : "\(sign)\(padded.dropLast(places)).\(padded.suffix(places))"
    }

    /// A duration as it was measured, such as `0.4s`, `42s`, `3m 12s` or `1h 02m`.
    package static func duration(_ seconds: Double) -> String {
        guard seconds >= 0, let whole = Int(exactly: seconds.rounded()) else { return "-" }
        if seconds < 9.95 { return fixed(seconds, places: 1) + "s" }
        if whole < 60 { return "\(whole)s" }
        if whole < 3600 { return "\(whole / 60)m \(padded(whole % 60))s" }
        return "\(count(whole / 3600))h \(padded(whole / 60 % 60))m"
    }

    /// A duration as it is expected, such as `~40s`, `~17m` or `~12h 38m`.
    package static func roughDuration(_ seconds: Double) -> String {
        guard seconds >= 0, seconds < 1e12 else { return "time unknown" }
        if seconds < 55 { return "~\(max(5, Int((seconds / 5).rounded()) * 5))s" }
        let minutes = Int((seconds / 60).rounded())
        return minutes < 60 ? "~\(max(1, minutes))m" : "~\(count(minutes / 60))h \(padded(minutes % 60))m"
    }

    /// An amount of money, such as `$0.12` or `<$0.01`.
    package static func money(_ amount: Money) -> String {
        if amount.micros > 0, amount.micros < 10_000 { return "<$0.01" }
        let cents = (amount.micros.magnitude + 5_000) / 10_000
        let whole = count(Int(cents / 100))
        return "\(amount.micros < 0 ? "-" : "")$\(whole).\(padded(Int(cents % 100)))"
    }

    /// A size in bytes, such as `812 B` or `7.7 MB`.
    package static func bytes(_ size: Int) -> String {
        guard size >= 1000 else { return "\(size) B" }
        var (value, unit) = (Double(size) / 1000, 0)
        let units = ["kB", "MB", "GB", "TB", "PB", "EB"]
        while value >= 999.95, unit + 1 < units.count {
            value /= 1000
            unit += 1
        }
        return "\(fixed(value, places: value < 99.95 ? 1 : 0)) \(units[unit])"
    }

    /// A share, such as `18/20 (90%)`.
    package static func share(_ share: VersionRecord.Share) -> String {
        guard share.total > 0 else { return "-" }
        let percent = (Double(share.correct) * 100 / Double(share.total)).rounded()
        return "\(share.correct)/\(share.total) (\(Int(exactly: percent) ?? 0)%)"
    }

    /// A loss, such as `0.4127`.
    package static func loss(_ value: Double) -> String { fixed(value, places: 4) }

    /// An instant's day and minute in UTC, such as `2026-11-24 10:00`.
    package static func minute(_ instant: Timestamp) -> String {
        let text = instant.description
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5))"
    }

    private static func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
}
