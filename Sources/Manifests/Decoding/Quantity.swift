//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Quantities as people write them: durations, numbers of parameters and amounts of memory.
enum Quantity {
    /// Reads `90s`, `10m`, `2h`, `8m45s`, `1h30m`: whole numbers, each unit once, the larger first.
    static func duration(_ text: String) -> Duration? {
        let units: [(Character, Int64)] = [("d", 86400), ("h", 3600), ("m", 60), ("s", 1)]
        var rest = text[...]
        var seconds: Int64 = 0
        for (unit, length) in units {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard rest.dropFirst(digits.count).first == unit else { continue }
            guard digits.count <= 9, let count = Int64(digits) else { return nil }
            seconds += count * length
            rest = rest.dropFirst(digits.count + 1)
        }
        return rest.isEmpty && !text.isEmpty ? .seconds(seconds) : nil
    }

    /// Reads `7B`, `270M`, `1.5B`, `6738415616`.
    static func size(_ text: String) -> Double? {
        let units: [Character: Double] = ["K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12]
        let unit = text.last.flatMap { units[$0] }
        let digits = unit == nil ? text[...] : text.dropLast()
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        let isDecimal = parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0.isASCII && $0.isNumber } }
        guard parts.count <= 2, isDecimal, digits.count <= 20, let number = Double(digits), number > 0 else {
            return nil
        }
        return (number * (unit ?? 1)).rounded()
    }

    /// Reads `24GB`, which is 24 000 000 000 bytes, and `80 GiB`, which is 80 times 1024³: more than nothing.
    static func memory(_ text: String) -> Int? {
        let units: [(String, Double)] = [("GiB", 1_073_741_824), ("GB", 1e9)]
        guard let (name, unit) = units.first(where: { text.hasSuffix($0.0) }) else { return nil }
        let digits = text.dropLast(name.count + (text.dropLast(name.count).last == " " ? 1 : 0))
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        let isDecimal = parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0.isASCII && $0.isNumber } }
        guard parts.count <= 2, isDecimal, parts.allSatisfy({ $0.count <= 6 }), let number = Double(digits), number > 0
        else { return nil }
        return Int((number * unit).rounded())
    }

    /// How an amount of memory is written that a text such as `24`, `24G` or `24gb` means; nothing where it is none, or
    /// is written so already.
    static func memoryMeant(by text: String) -> String? {
        let units = ["": "GB", "g": "GB", "gb": "GB", "gi": "GiB", "gib": "GiB"]
        let number = text.prefix { !$0.isLetter && $0 != " " }
        let unit = text.dropFirst(number.count).filter { $0 != " " }.lowercased()
        guard memory(text) == nil, let meant = units[unit].map({ String(number) + $0 }), memory(meant) != nil else {
            return nil
        }
        return meant
    }
}
