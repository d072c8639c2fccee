//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// How long a holder keeps a run without saying anything, and when others may take it.
package enum Lease {
    /// Seconds that a claim holds.
    package static let claim: Int64 = 600
    /// Seconds between two renewals of a claim.
    package static let claimRenewal: Int64 = 180
    /// Seconds by which a claim must have expired before another machine takes it, for clocks that differ.
    package static let claimGrace: Int64 = 300
    /// Seconds in which another machine must have seen no change of the entry before it takes a claim.
    package static let watch: Int64 = 240
    /// Seconds between two renewals of a started run.
    package static let startedRenewal: Int64 = 3600
    /// Seconds that a started run holds at least.
    package static let startedMinimum: Int64 = 86400

    /// When a started run's lease ends: a day, or twice its estimate where that is longer.
    package static func started(_ estimate: RunEntry.Estimate, now: Timestamp) -> Timestamp {
        let twice = (estimate.minutes ?? 0) * 120
        // An absurd estimate must not overflow; a year is as good as for ever.
        return now.advanced(by: max(startedMinimum, Int64(min(twice, 31_536_000).rounded())))
    }
}

/// What a machine has seen of somebody else's claim.
package struct Watch: Hashable, Sendable {
    /// The entry as it was when the watching began.
    package var entry: RunEntry
    /// Seconds since then, by the monotonic clock.
    package var seconds: Int64

    /// Makes what was seen.
    package init(entry: RunEntry, seconds: Int64) {
        self.entry = entry
        self.seconds = seconds
    }
}
