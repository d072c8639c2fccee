//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// What a version has to reach in a metric, such as `>= base`, `> base + 0.05` or `<= 1.2`.
package struct Gate: Hashable, Sendable {
    /// How the version's value is compared.
    package enum Comparison: String, Hashable, Sendable, CaseIterable {
        case atLeast = ">="
        case atMost = "<="
        case above = ">"
        case below = "<"
    }

    /// The metric's name.
    package let metric: String
    /// How the version's value is compared with what it has to reach.
    package let comparison: Comparison
    /// Whether that is the base's value and ``value`` more, or ``value`` alone.
    package let isOfBase: Bool
    /// What is added to the base's value, or has to be reached.
    package let value: Double

    /// Reads a condition; nothing where it is none.
    package init?(metric: String, condition: String) {
        // The longer ones come first: `>=` begins as `>` does.
        let known = Comparison.allCases.first { condition.hasPrefix($0.rawValue) }
        guard let comparison = known else { return nil }
        let words = condition.dropFirst(comparison.rawValue.count).split(separator: " ")
        self.metric = metric
        self.comparison = comparison
        switch words.count {
        case 1 where words[0] == "base": (isOfBase, value) = (true, 0)
        case 1:
            guard let number = Self.number(words[0]) else { return nil }
            (isOfBase, value) = (false, number)
        case 3 where words[0] == "base" && (words[1] == "+" || words[1] == "-"):
            guard let number = Self.number(words[2]) else { return nil }
            (isOfBase, value) = (true, words[1] == "-" ? -number : number)
        default: return nil
        }
    }

    /// The condition as it is written.
    package var condition: String {
        guard isOfBase else { return "\(comparison.rawValue) \(Self.text(value))" }
        guard value != 0 else { return "\(comparison.rawValue) base" }
        return "\(comparison.rawValue) base \(value < 0 ? "-" : "+") \(Self.text(abs(value)))"
    }

    /// Whether a version's value is good enough.
    package func isMet(base: Double, version: Double) -> Bool {
        let wanted = isOfBase ? base + value : value
        // A sum such as 0.1 + 0.2 is not the nearest number to what is meant.
        let difference = version - wanted
        let isEqual = abs(difference) <= 1e-9 * max(1, abs(wanted))
        return switch comparison {
        case .atLeast: isEqual || difference > 0
        case .atMost: isEqual || difference < 0
        case .above: !isEqual && difference > 0
        case .below: !isEqual && difference < 0
        }
    }

    private static func number(_ text: Substring) -> Double? {
        guard let first = text.first, first.isNumber, let value = Double(text), value.isFinite else { return nil }
        return value
    }

    private static func text(_ value: Double) -> String {
        Int(exactly: value).map(String.init) ?? "\(value)"
    }
}

extension VersionRecord {
    /// A condition of a gate, and whether the version meets it.
    package struct Verdict: Hashable, Sendable {
        /// The metric's name.
        package var metric: String
        /// The condition, such as `>= base`.
        package var condition: String
        /// Whether it is met; it is not where the metric was not measured.
        package var isMet: Bool

        /// Makes a verdict.
        package init(metric: String, condition: String, isMet: Bool = false) {
            self.metric = metric
            self.condition = condition
            self.isMet = isMet
        }
    }

    /// The conditions of its gate that it does not meet.
    package var unmet: [Verdict] { evaluation?.gate.filter { !$0.isMet } ?? [] }
    /// Whether it may be used where nobody names it by number or id.
    package var meetsGate: Bool { unmet.isEmpty }
}

extension VersionRecord.EvaluationResult {
    /// The result judged by a gate: each metric by the rows that validate, where those were measured, else by the prompts.
    package func judged(by gate: [Gate]) -> Self {
        var result = self
        result.gate = gate.map { gate in
            let measured = comparisons.filter { $0.metric == gate.metric }
            let used = measured.first { $0.set == .validation } ?? measured.first
            return VersionRecord.Verdict(
                metric: gate.metric,
                condition: gate.condition,
                isMet: used.map { gate.isMet(base: $0.base, version: $0.version) } ?? false
            )
        }
        return result
    }
}
