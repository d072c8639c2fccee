//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// What a month's budget has left for further runs, decided one after the other.
///
/// A month is one of UTC, by the attempt's start. It counts the cost of each ended attempt and, of each under way, the
/// larger of its estimate and its cost so far; of a claim that has not been started its estimate. What was trained for
/// another destination or branch is used again for nothing, and counts nothing.
package struct MonthBudget: Hashable, Sendable {
    /// What may be spent.
    package let limit: Money
    /// What is spent, or promised to runs.
    package private(set) var taken: Money

    /// Counts what the ledger's runs have of the month.
    package init(limit: Money, entries: some Sequence<RunEntry>, now: Timestamp) {
        self.limit = limit
        let month = now.month
        taken = entries.reduce(.zero) { $0 + Self.cost(of: $1, in: month, now: now) }
    }

    /// Takes what a run is expected to cost; false where that does not fit.
    package mutating func take(_ cost: Money) -> Bool {
        let sum = taken + cost
        guard sum <= limit else { return false }
        taken = sum
        return true
    }

    private static func cost(of entry: RunEntry, in month: Substring, now: Timestamp) -> Money {
        let claim = entry.state == .claimed ? entry.estimate?.cost ?? .zero : .zero
        return entry.attempts.filter { $0.started.month == month }.reduce(claim) { $0 + cost(of: $1, now: now) }
    }

    private static func cost(of attempt: RunEntry.Attempt, now: Timestamp) -> Money {
        let expected = attempt.estimate.cost ?? .zero
        // Of an attempt that nobody saw the end of, nobody knows more than what was expected.
        guard attempt.ended == nil else { return attempt.cost ?? expected }
        guard let minutes = attempt.estimate.minutes, minutes > 0 else { return expected }
        let spent = Double(max(0, now.seconds - attempt.started.seconds)) / 60
        return max(expected, expected.times(spent / minutes))
    }
}

extension Timestamp {
    /// Year and month in UTC.
    fileprivate var month: Substring { description.prefix(7) }
}
