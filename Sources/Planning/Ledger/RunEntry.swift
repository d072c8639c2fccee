//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// A run's id: the first 12 hexadecimal digits of SHA-256 over the ledger's root commit and the fingerprint.
package struct RunID: RawRepresentable, Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The twelve digits.
    package let rawValue: String
    /// Makes an id from its digits.
    package init(rawValue: String) { self.rawValue = rawValue }
    /// The twelve digits.
    package var description: String { rawValue }
    /// Orders ids by their digits.
    package static func < (left: RunID, right: RunID) -> Bool { left.rawValue < right.rawValue }
}

/// Who holds a run: a state folder, by the random id that was written at its first use.
package struct HolderID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The id's text.
    package let rawValue: String
    /// Makes an id from its text.
    package init(rawValue: String) { self.rawValue = rawValue }
    /// The id's text.
    package var description: String { rawValue }
}

/// A run in the ledger: the file `runs/<2 hex>/<fingerprint>.yaml` of its tree.
package struct RunEntry: Hashable, Sendable {
    /// How far a run has come.
    package enum State: String, Hashable, Sendable, CaseIterable {
        case claimed
        case started
        case paused
        case trained
        case published
        case failed
    }

    /// Who may go on with the run, and until when others leave it alone.
    package struct Holder: Hashable, Sendable {
        /// The state folder.
        package var id: HolderID
        /// The machine's name, for people.
        package var host: String
        /// When the lease ends; a paused run has none.
        package var until: Timestamp?

        /// Makes a holder.
        package init(id: HolderID, host: String, until: Timestamp?) {
            self.id = id
            self.host = host
            self.until = until
        }
    }

    /// What an attempt was expected to take.
    package struct Estimate: Hashable, Sendable {
        /// Minutes, where a throughput is known.
        package var minutes: Double?
        /// Cost, where a price is known.
        package var cost: Money?

        /// Makes an estimate.
        package init(minutes: Double? = nil, cost: Money? = nil) {
            self.minutes = minutes
            self.cost = cost
        }
    }

    /// One try at the run on a backend; attempts are never forgotten.
    package struct Attempt: Hashable, Sendable {
        /// The attempt's number, from 1.
        package var number: Int
        /// Who made it.
        package var holder: HolderID
        /// Where.
        package var backend: FineTune.Backend
        /// What it was expected to take.
        package var estimate: Estimate
        /// When it was started.
        package var started: Timestamp
        /// When it ended; nothing while it is under way.
        package var ended: Timestamp?
        /// How it ended: `completed`, `paused`, `lost`, `cancelled`, or a failure's class.
        package var outcome: String?
        /// What it cost.
        package var cost: Money?

        /// Makes an attempt.
        package init(
            number: Int,
            holder: HolderID,
            backend: FineTune.Backend,
            estimate: Estimate,
            started: Timestamp,
            ended: Timestamp? = nil,
            outcome: String? = nil,
            cost: Money? = nil
        ) {
            self.number = number
            self.holder = holder
            self.backend = backend
            self.estimate = estimate
            self.started = started
            self.ended = ended
            self.outcome = outcome
            self.cost = cost
        }
    }

    /// What somebody asked a run's holder to do.
    package enum Request: Hashable, Sendable {
        /// To end the run.
        case cancel
        /// To stop at a checkpoint and to stay there until it is taken back; by whom, for people.
        case pause(by: String)
    }

    /// Why a run failed.
    package struct Failure: Hashable, Sendable {
        /// The class, such as `data`, `memory`, `diverged`, `cancelled`.
        package var kind: String
        /// What happened, for people; never a secret.
        package var message: String

        /// Makes a failure.
        package init(kind: String, message: String) {
            self.kind = kind
            self.message = message
        }
    }

    /// How far the run has come.
    package var state: State
    /// The fingerprint that it trains.
    package var fingerprint: Fingerprint
    /// The fine-tunes that asked for it.
    package var fineTunes: [ResourceName]
    /// The model that it will be published to.
    package var model: ModelName
    /// The commit whose manifests asked for it.
    package var commit: String
    /// The branch that the version is committed to.
    package var branch: String
    /// Who holds it.
    package var holder: Holder
    /// What a claim is expected to take; each attempt has its own.
    package var estimate: Estimate?
    /// Every attempt, oldest first.
    package var attempts: [Attempt]
    /// Why it failed; only in `failed`.
    package var failure: Failure?
    /// What somebody asked its holder to do, and has not been done or stands until it is taken back.
    package var request: Request?
    /// The whole record; from `trained` on.
    @Boxed package var version: VersionRecord?
    /// Versions that it ended with before, of which the weights were lost, oldest first.
    package var replaced: [VersionRecord]

    /// Makes an entry.
    package init(
        state: State,
        fingerprint: Fingerprint,
        fineTunes: [ResourceName],
        model: ModelName,
        commit: String,
        branch: String,
        holder: Holder,
        estimate: Estimate? = nil,
        attempts: [Attempt] = [],
        failure: Failure? = nil,
        request: Request? = nil,
        version: VersionRecord? = nil,
        replaced: [VersionRecord] = []
    ) {
        self.state = state
        self.fingerprint = fingerprint
        self.fineTunes = fineTunes
        self.model = model
        self.commit = commit
        self.branch = branch
        self.holder = holder
        self.estimate = estimate
        self.attempts = attempts
        self.failure = failure
        self.request = request
        self.version = version
        self.replaced = replaced
    }
}

extension RunEntry {
    /// Whether what it ended with was lost and is being trained again.
    package var isReplacing: Bool { !replaced.isEmpty && state != .published }

    /// Whether somebody asked to cancel it.
    package var isCancelRequested: Bool { request == .cancel }

    /// Who asked to pause it; nothing where nobody did, or where it stopped for `apply` alone.
    package var pausedBy: String? {
        if case .pause(let person) = request { person } else { nil }
    }

    /// When it stopped at a checkpoint; nothing where it is not paused, or has not been started.
    package var pausedSince: Timestamp? {
        guard state == .paused, let last = attempts.last, last.outcome == LedgerTransition.pausedOutcome else {
            return nil
        }
        return last.ended
    }
}
