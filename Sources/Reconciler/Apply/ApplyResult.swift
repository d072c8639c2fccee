//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// What became of one item of a plan.
package struct ApplyResult: Hashable, Sendable {
    /// How it ended.
    package enum Outcome: Hashable, Sendable {
        /// A version was published, or its record extended.
        case done
        /// There was nothing to do.
        case upToDate
        /// Its training, or what comes after it, failed.
        case failed
        /// Its training goes on, and nobody watches it here.
        case running
        /// Its training stopped at a checkpoint.
        case paused
        /// Nothing was done, because somebody else is at it or it is blocked.
        case skipped
        /// It was not reached.
        case notStarted
    }

    /// The fine-tunes that asked.
    package var fineTunes: [ResourceName]
    /// The model that they publish to.
    package var destination: ModelName
    /// The plan's word for it.
    package var action: String
    /// How it ended.
    package var outcome: Outcome
    /// In words: the version, or why there is none and what to do.
    package var detail: String
    /// Seconds that the run took, where there was one.
    package var seconds: Double?
    /// What it cost, where a price is known.
    package var cost: Money?
    /// The version that it ended with.
    package var version: VersionRecord?
    /// The failure's class.
    package var failure: String?
    /// Whether a policy, a budget or a backend forbids it.
    package var isBlocked = false
    /// Whether another machine is at it, so that it is worth waiting for.
    var isHeld = false

    /// Whether its fine-tune has a gate.
    package var isGated = false
    /// Whether it ended in a version that does not meet its gate.
    package var missesGate: Bool { isGated && outcome == .done && version?.meetsGate == false }

    /// Makes a result.
    package init(
        fineTunes: [ResourceName],
        destination: ModelName,
        action: String,
        outcome: Outcome,
        detail: String,
        seconds: Double? = nil,
        cost: Money? = nil,
        isBlocked: Bool = false,
        isGated: Bool = false
    ) {
        self.fineTunes = fineTunes
        self.destination = destination
        self.action = action
        self.outcome = outcome
        self.detail = detail
        self.seconds = seconds
        self.cost = cost
        self.isBlocked = isBlocked
        self.isGated = isGated
    }
}

/// How an `apply` ended as a whole; of several the first.
package enum ApplyVerdict: Hashable, Sendable, CaseIterable {
    /// A training, or what comes after it, failed.
    case failed
    /// A version does not meet its gate.
    case gateNotMet
    /// A policy, a budget or a backend forbids something.
    case blocked
    case done

    /// The verdict on all results.
    package static func of(_ results: [ApplyResult]) -> ApplyVerdict {
        if results.contains(where: { $0.outcome == .failed }) { return .failed }
        if results.contains(where: \.missesGate) { return .gateNotMet }
        return results.contains(where: \.isBlocked) ? .blocked : .done
    }
}

/// What `apply` was asked for besides the plan.
package struct ApplyOptions: Hashable, Sendable {
    /// Whether runs that failed are tried again.
    package var retryFailed: Bool
    /// Whether versions that were lost are trained again.
    package var replace: Bool
    /// Whether to wait for runs that other machines hold.
    package var wait: Bool
    /// Whether versions are pushed.
    package var push: Bool

    /// Makes options.
    package init(retryFailed: Bool = false, replace: Bool = false, wait: Bool = false, push: Bool = true) {
        self.retryFailed = retryFailed
        self.replace = replace
        self.wait = wait
        self.push = push
    }
}
