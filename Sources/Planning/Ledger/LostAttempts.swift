//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// What is known of attempts that nobody saw the end of, so that what they cost is not forgotten.
package struct LostAttempts: Hashable, Sendable {
    /// When this machine's own attempt showed that it lived for the last time.
    package var lastSign: Timestamp?
    /// What an hour of the run costs.
    package var pricePerHour: Money?

    /// Makes what is known.
    package init(lastSign: Timestamp? = nil, pricePerHour: Money? = nil) {
        self.lastSign = lastSign
        self.pricePerHour = pricePerHour
    }

    /// Ends every attempt that is under way as lost, with the cost that it had come to.
    ///
    /// Its machine writes what it really came to, should it come back.
    func end(_ entry: inout RunEntry, by machine: Machine, now: Timestamp) {
        for index in entry.attempts.indices where entry.attempts[index].ended == nil {
            let attempt = entry.attempts[index]
            let seen = attempt.holder == machine.id ? lastSign : Self.lastRenewal(attempt, of: entry)
            let ended = max(attempt.started, min(now, seen ?? now))
            entry.attempts[index].ended = ended
            entry.attempts[index].outcome = LedgerTransition.lostOutcome
            entry.attempts[index].cost = Self.cost(pricePerHour, from: attempt.started, to: ended)
        }
    }

    /// What so long a time costs; nothing where no price is known.
    package static func cost(_ pricePerHour: Money?, from started: Timestamp, to ended: Timestamp) -> Money? {
        pricePerHour.map { $0.times(Double(max(0, ended.seconds - started.seconds)) / 3600) }
    }

    /// When another machine's lease would have been renewed next; it lived no longer. Nothing where somebody cut the
    /// lease short, by saying that the machine is lost.
    private static func lastRenewal(_ attempt: RunEntry.Attempt, of entry: RunEntry) -> Timestamp? {
        guard attempt.holder == entry.holder.id, let until = entry.holder.until else { return nil }
        let length = Lease.started(attempt.estimate, now: until).seconds - until.seconds
        let renewed = until.advanced(by: -length)
        return renewed < attempt.started ? nil : renewed.advanced(by: Lease.startedRenewal)
    }
}
