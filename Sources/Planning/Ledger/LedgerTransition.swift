//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// A machine that takes steps: its state folder, and its name for people.
package struct Machine: Hashable, Sendable {
    /// The state folder.
    package var id: HolderID
    /// The machine's name.
    package var host: String

    /// Makes a machine.
    package init(id: HolderID, host: String) {
        self.id = id
        self.host = host
    }

    func holding(until: Timestamp?) -> RunEntry.Holder { RunEntry.Holder(id: id, host: host, until: until) }
}

/// What a run is for.
package struct RunPurpose: Hashable, Sendable {
    /// The fingerprint to train.
    package var fingerprint: Fingerprint
    /// The fine-tunes that ask for it.
    package var fineTunes: [ResourceName]
    /// The model that it will be published to.
    package var model: ModelName
    /// The commit whose manifests ask for it.
    package var commit: String
    /// The branch that the version is committed to.
    package var branch: String
    /// What it is expected to take, where it is claimed.
    package var estimate: RunEntry.Estimate?

    /// Makes a purpose.
    package init(
        fingerprint: Fingerprint,
        fineTunes: [ResourceName],
        model: ModelName,
        commit: String,
        branch: String,
        estimate: RunEntry.Estimate? = nil
    ) {
        self.fingerprint = fingerprint
        self.fineTunes = fineTunes
        self.model = model
        self.commit = commit
        self.branch = branch
        self.estimate = estimate
    }

    /// The purpose that an entry says.
    package init(_ entry: RunEntry) {
        self.init(
            fingerprint: entry.fingerprint,
            fineTunes: entry.fineTunes,
            model: entry.model,
            commit: entry.commit,
            branch: entry.branch
        )
    }
}

/// The ledger's steps: pure functions of the entry at the tip, who takes the step, and the time.
///
/// Each gives the entry that the step leaves (nothing: the run is absent again), or says why the step is not allowed.
/// A step that was taken already gives the entry as it is, so that one whose reply was lost can be repeated.
/// The caller moves the ledger by compare-and-swap, and on a refused swap reads the tip and decides anew. Steps on a
/// run that this machine holds are taken by whoever has the run's lock on it.
package enum LedgerTransition {
    /// What a finished or failed attempt has to say.
    package struct AttemptEnd: Hashable, Sendable {
        /// The attempt's number.
        package var number: Int
        /// When it ended.
        package var ended: Timestamp
        /// How it ended: `completed`, `paused`, `superseded`, or a failure's class.
        package var outcome: String
        /// What it cost; nothing where no price is known.
        package var cost: Money?

        /// Makes an attempt's end.
        package init(number: Int, ended: Timestamp, outcome: String, cost: Money?) {
            self.number = number
            self.ended = ended
            self.outcome = outcome
            self.cost = cost
        }
    }

    /// The outcome of an attempt that nobody saw the end of.
    package static let lostOutcome = "lost"
    /// The class of a run that ended because somebody asked for it.
    package static let cancelledKind = "cancelled"

    /// absent to claimed; failed to claimed where somebody asked to try again; the own claim is renewed.
    ///
    /// published to claimed where `replacing` is the version that it ended with and that was lost; the version stays in
    /// the entry.
    package static func claim(
        _ entry: RunEntry?,
        for purpose: RunPurpose,
        retryFailed: Bool = false,
        replacing lost: VersionID? = nil,
        by machine: Machine,
        now: Timestamp
    ) throws(LedgerRefusal) -> RunEntry {
        let holder = machine.holding(until: now.advanced(by: Lease.claim))
        guard let entry else { return fresh(purpose, state: .claimed, holder: holder) }
        switch entry.state {
        case .claimed where entry.holder.id == machine.id:
            return try renew(entry, by: machine, now: now)
        case .failed where retryFailed:
            var claimed = fresh(purpose, state: .claimed, holder: holder)
            claimed.attempts = entry.attempts
            claimed.replaced = entry.replaced
            return claimed
        case .published where lost != nil && lost == entry.version?.id:
            var claimed = fresh(purpose, state: .claimed, holder: holder)
            claimed.attempts = entry.attempts
            claimed.replaced = entry.replaced + (entry.version.map { [$0] } ?? [])
            return claimed
        case .failed:
            throw LedgerRefusal(.failed(entry.failure ?? RunEntry.Failure(kind: "unknown", message: "")))
        case .claimed, .started, .paused, .trained, .published:
            throw refusal(entry, machine)
        }
    }

    /// Puts off the end of the own lease.
    package static func renew(
        _ entry: RunEntry?,
        by machine: Machine,
        now: Timestamp
    ) throws(LedgerRefusal) -> RunEntry {
        var entry = try held(entry, by: machine, in: [.claimed, .started])
        let until =
            entry.state == .claimed
            ? now.advanced(by: Lease.claim) : Lease.started(entry.attempts.last?.estimate ?? .init(), now: now)
        // A clock that was set back must not shorten what others already rely on.
        entry.holder.until = max(until, entry.holder.until ?? until)
        return entry
    }

    /// claimed to started, and the own started or paused to a new attempt: before the trainer is spawned.
    ///
    /// An attempt that was under way is ended as lost: its trainer is surely gone, as the caller has the run's locks.
    package static func start(
        _ entry: RunEntry?,
        backend: FineTune.Backend,
        estimate: RunEntry.Estimate,
        by machine: Machine,
        lost: LostAttempts = LostAttempts(),
        now: Timestamp
    ) throws(LedgerRefusal) -> RunEntry {
        var entry = try held(entry, by: machine, in: [.claimed, .started, .paused])
        if let request = entry.request { throw LedgerRefusal(.requested(request)) }
        lost.end(&entry, by: machine, now: now)
        return attempting(entry, backend: backend, estimate: estimate, by: machine, now: now)
    }

    /// claimed to absent: given up before anything was asked; with earlier attempts back to failed, as they are kept,
    /// and with a version that was to be replaced back to that.
    package static func giveUp(
        _ entry: RunEntry?,
        by machine: Machine
    ) throws(LedgerRefusal) -> RunEntry? {
        var entry = try held(entry, by: machine, in: [.claimed])
        if let version = entry.replaced.popLast() {
            entry.state = .published
            entry.estimate = nil
            entry.holder.until = nil
            entry.version = version
            return entry
        }
        guard let last = entry.attempts.last else { return nil }
        entry.state = .failed
        entry.estimate = nil
        entry.holder.until = nil
        entry.failure = RunEntry.Failure(
            kind: last.outcome ?? lostOutcome,
            message: "given up before attempt \(last.number + 1) was started"
        )
        return entry
    }

    /// Asks the holder to end the run; done by anyone. A paused one, which nobody is at, has failed at once.
    package static func requestCancel(_ entry: RunEntry?) throws(LedgerRefusal) -> RunEntry {
        guard var entry else { throw LedgerRefusal(.absent) }
        switch entry.state {
        case .claimed, .started:
            entry.request = .cancel
            return entry
        case .paused: return failed(entry, cancelled)
        case .failed where entry.failure == cancelled: return entry
        case .trained, .published, .failed: throw LedgerRefusal(.wrongState(entry.state))
        }
    }

    /// To failed, by its holder; the attempt's cost stays on record.
    package static func fail(
        _ entry: RunEntry?,
        _ failure: RunEntry.Failure,
        end: AttemptEnd?,
        by machine: Machine
    ) throws(LedgerRefusal) -> RunEntry {
        if let entry, entry.state == .failed, entry.holder.id == machine.id, entry.failure == failure { return entry }
        var entry = try held(entry, by: machine, in: [.claimed, .started, .paused])
        if let end { settle(&entry.attempts, end, by: machine) }
        return failed(entry, failure)
    }
}

// MARK: - What the steps share

extension LedgerTransition {
    static func fresh(_ purpose: RunPurpose, state: RunEntry.State, holder: RunEntry.Holder) -> RunEntry {
        RunEntry(
            state: state,
            fingerprint: purpose.fingerprint,
            fineTunes: purpose.fineTunes,
            model: purpose.model,
            commit: purpose.commit,
            branch: purpose.branch,
            holder: holder,
            estimate: state == .claimed ? purpose.estimate : nil
        )
    }

    /// The entry, where this machine holds it in one of these states.
    static func held(
        _ entry: RunEntry?,
        by machine: Machine,
        in states: Set<RunEntry.State>
    ) throws(LedgerRefusal) -> RunEntry {
        guard let entry else { throw LedgerRefusal(.absent) }
        guard states.contains(entry.state), entry.holder.id == machine.id else { throw refusal(entry, machine) }
        return entry
    }

    static func refusal(_ entry: RunEntry, _ machine: Machine) -> LedgerRefusal {
        switch entry.state {
        case .trained, .published:
            return LedgerRefusal(entry.version.map { .trained($0.id) } ?? .wrongState(entry.state))
        case .failed:
            return LedgerRefusal(entry.failure.map { .failed($0) } ?? .wrongState(entry.state))
        case .claimed, .started, .paused:
            return LedgerRefusal(entry.holder.id == machine.id ? .heldHere : .held(entry.holder))
        }
    }

    /// A new attempt of a machine, which holds the run from now on.
    static func attempting(
        _ entry: RunEntry,
        backend: FineTune.Backend,
        estimate: RunEntry.Estimate,
        by machine: Machine,
        now: Timestamp
    ) -> RunEntry {
        var entry = entry
        entry.state = .started
        entry.estimate = nil
        entry.holder = machine.holding(until: Lease.started(estimate, now: now))
        entry.attempts.append(
            RunEntry.Attempt(
                number: (entry.attempts.map(\.number).max() ?? 0) + 1,
                holder: machine.id,
                backend: backend,
                estimate: estimate,
                started: now
            )
        )
        return entry
    }

    static func failed(_ entry: RunEntry, _ failure: RunEntry.Failure) -> RunEntry {
        var entry = entry
        entry.state = .failed
        entry.estimate = nil
        entry.failure = failure
        entry.request = nil
        entry.holder.until = nil
        return entry
    }

    /// Writes how an attempt of this machine ended; one that was taken for lost gets what it really came to.
    static func settle(_ attempts: inout [RunEntry.Attempt], _ end: AttemptEnd, by machine: Machine) {
        let index = attempts.firstIndex { $0.number == end.number && $0.holder == machine.id }
        guard let index, attempts[index].ended == nil || attempts[index].outcome == lostOutcome else { return }
        attempts[index].ended = end.ended
        attempts[index].outcome = end.outcome
        attempts[index].cost = end.cost
    }
}
