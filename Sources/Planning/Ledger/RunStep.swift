//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// What a machine's folder of a run says, read after taking the run's lock.
package struct LocalRun: Hashable, Sendable {
    /// How the last attempt here ended, as the file `done` says.
    package enum Done: Hashable, Sendable {
        /// With weights, which are in the store.
        case completed(VersionID, attempt: Int)
        /// Without.
        case failed(RunEntry.Failure, attempt: Int)
    }

    /// How the last attempt here ended; nothing while none has.
    package var done: Done?
    /// The attempt whose trainer is running under this very process.
    package var running: Int?
    /// Whether somebody at this machine wants the run to stop at a checkpoint.
    package var isPauseWished: Bool

    /// Makes what is known of a run here.
    package init(done: Done? = nil, running: Int? = nil, isPauseWished: Bool = false) {
        self.done = done
        self.running = running
        self.isPauseWished = isPauseWished
    }
}

/// What whoever has the run's lock on a machine does next: a pure function of the entry, the run's folder and the time.
package enum RunStep: Hashable, Sendable {
    /// Claim it: it is absent, or failed and is to be tried again.
    case claim
    /// Take the claim of another machine.
    case takeOverClaimed
    /// Take the started run of another machine, and then spawn its new attempt.
    case takeOverStarted
    /// Write a new attempt, and then spawn it.
    case start
    /// Go on watching the trainer and renewing the lease.
    case follow
    /// End the trainer, whose run was cancelled or overtaken, write `done` with that, and decide anew.
    case stopTrainer
    /// Let the trainer stop at a checkpoint, and decide anew.
    case haltTrainer
    /// Write that the run is paused; the attempt that stopped, if one was under way.
    case pause(attempt: Int?)
    /// Write that the run failed.
    case fail(RunEntry.Failure, attempt: Int?)
    /// Write the finished version.
    case deliver(attempt: Int)
    /// Write how an attempt ended that came to nothing because another one was first.
    case settle(attempt: Int, outcome: String)
    /// Commit the version and write that it is published.
    case publish
    /// Nothing now; another machine holds it.
    case wait(RunEntry.Holder)
    /// Nothing until somebody lets it go on; it is paused.
    case rest
    /// Nothing ever: it is published, or failed.
    case finished

    /// Decides the next step.
    package static func next(
        _ entry: RunEntry?,
        local: LocalRun,
        retryFailed: Bool = false,
        watched: Watch? = nil,
        by machine: Machine,
        now: Timestamp
    ) -> RunStep {
        guard let entry else { return delivery(local) ?? .claim }
        switch entry.state {
        case .trained:
            return afterEnd(entry, local, machine) ?? .publish
        case .published:
            return afterEnd(entry, local, machine) ?? .finished
        case .failed:
            return delivery(local) ?? afterEnd(entry, local, machine) ?? (retryFailed ? .claim : .finished)
        case .claimed, .started, .paused:
            if let step = delivery(local) { return step }
            return entry.holder.id == machine.id
                ? own(entry, local) : foreign(entry, local, watched: watched, by: machine, now: now)
        }
    }

    /// A finished result is written while nothing else was trained.
    private static func delivery(_ local: LocalRun) -> RunStep? {
        if case .completed(_, let attempt) = local.done { .deliver(attempt: attempt) } else { nil }
    }

    /// What is left to do here about a run that ended, for a version or without.
    private static func afterEnd(_ entry: RunEntry, _ local: LocalRun, _ machine: Machine) -> RunStep? {
        local.running != nil ? .stopTrainer : unsettled(entry, local, machine)
    }

    private static func unsettled(_ entry: RunEntry, _ local: LocalRun, _ machine: Machine) -> RunStep? {
        let open = entry.attempts.first { attempt in
            attempt.holder == machine.id && (attempt.ended == nil || isOvertaken(attempt, local))
        }
        guard let open else { return nil }
        switch local.done {
        case .failed(let failure, open.number): return .settle(attempt: open.number, outcome: failure.kind)
        case .completed, .failed, nil: return .settle(attempt: open.number, outcome: "superseded")
        }
    }

    /// An attempt that others took for lost, and whose end this machine knows.
    private static func isOvertaken(_ attempt: RunEntry.Attempt, _ local: LocalRun) -> Bool {
        guard attempt.outcome == LedgerTransition.lostOutcome else { return false }
        return switch local.done {
        case .completed(_, let number), .failed(_, let number): number == attempt.number
        case nil: false
        }
    }

    private static func own(_ entry: RunEntry, _ local: LocalRun) -> RunStep {
        let last = entry.state == .started ? entry.attempts.last?.number : nil
        let isToPause = local.isPauseWished || entry.pausedBy != nil
        if local.running != nil {
            guard local.running == last, !entry.isCancelRequested else { return .stopTrainer }
            return isToPause ? .haltTrainer : .follow
        }
        if entry.isCancelRequested { return .fail(LedgerTransition.cancelled, attempt: last) }
        if let last, case .failed(let failure, last) = local.done { return .fail(failure, attempt: last) }
        guard isToPause else { return .start }
        return entry.state == .paused ? .rest : .pause(attempt: last)
    }

    private static func foreign(
        _ entry: RunEntry,
        _ local: LocalRun,
        watched: Watch?,
        by machine: Machine,
        now: Timestamp
    ) -> RunStep {
        // Taken over while its trainer ran on here: the first to finish wins.
        if local.running != nil {
            return entry.request != nil || local.isPauseWished ? .stopTrainer : .follow
        }
        if let watched, LedgerTransition.mayTakeClaimed(entry, watched: watched, by: machine, now: now) {
            return .takeOverClaimed
        }
        if LedgerTransition.mayTakeStarted(entry, by: machine, now: now) { return .takeOverStarted }
        return .wait(entry.holder)
    }
}
