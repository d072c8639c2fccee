//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Planning
import Resources

/// The real steps over numbered entries: each is asked for once and remembered, so that millions of moves are cheap.
final class LedgerOracle {
    /// What became of a step.
    enum Outcome {
        case entry(UInt16)
        case refused
    }

    /// A step on the ledger, with all that it depends on besides entry, machine and time.
    enum Step: Hashable {
        case claim(retry: Bool)
        case renew
        case start
        case takeOverClaimed(watched: UInt16, since: UInt8)
        case takeOverStarted
        case giveUp
        case fail(kind: UInt8, attempt: UInt8)
        case deliver(attempt: UInt8)
        case reuse
        case settle(attempt: UInt8)
        case publish
        case cancel
        case askToPause
        case resume
        case pause(attempt: UInt8, wished: Bool)
        case resolve
    }

    private struct StepKey: Hashable {
        let step: Step
        let place: UInt64
    }

    private struct NextKey: Hashable {
        let first: UInt64
        let second: UInt64
    }

    static let tick: Int64 = 1200
    static let machines = [
        Machine(id: HolderID(rawValue: "a"), host: "a"), Machine(id: HolderID(rawValue: "b"), host: "b"),
    ]
    /// Each machine's training gives weights of its own, and so does that of another repository.
    static let records: [VersionRecord] = ["a", "b", "shared"].map { name in
        var record = Samples.version(number: nil)
        record.id = Samples.digest(name)
        return record
    }
    static let failures = [
        LedgerTransition.cancelled, RunEntry.Failure(kind: "memory", message: "out of memory"),
    ]

    private(set) var entries: [RunEntry?] = [nil]
    private var numbers: [RunEntry: UInt16] = [:]
    private var steps: [StepKey: Outcome] = [:]
    private var nexts: [NextKey: RunStep] = [:]
    private(set) var violations: [String] = []
    private let purpose = RunPurpose(Samples.entry(.claimed))

    static func time(_ clock: UInt8) -> Timestamp { Timestamp(seconds: 1_000_000 + Int64(clock) * tick) }

    func entry(_ number: UInt16) -> RunEntry? { entries[Int(number)] }

    private func number(_ entry: RunEntry?) -> UInt16 {
        guard let entry else { return 0 }
        if let number = numbers[entry] { return number }
        entries.append(entry)
        let number = UInt16(entries.count - 1)
        numbers[entry] = number
        return number
    }

    /// What the step makes of an entry.
    func outcome(_ step: Step, of entry: UInt16, machine: Int, clock: UInt8) -> Outcome {
        let key = StepKey(step: step, place: UInt64(entry) | UInt64(clock) << 16 | UInt64(machine) << 24)
        if let known = steps[key] { return known }
        let outcome: Outcome
        do {
            let next = try take(step, self.entry(entry), Self.machines[machine], machine, Self.time(clock))
            check(step, from: self.entry(entry), to: next, at: Self.time(clock), by: Self.machines[machine])
            outcome = .entry(number(next))
        } catch {
            outcome = .refused
        }
        steps[key] = outcome
        return outcome
    }

    private func take(
        _ step: Step,
        _ entry: RunEntry?,
        _ machine: Machine,
        _ index: Int,
        _ now: Timestamp
    ) throws(LedgerRefusal) -> RunEntry? {
        let none = RunEntry.Estimate()
        let lost = LostAttempts(pricePerHour: Money(micros: 3600))
        return switch step {
        case .claim(let retry):
            try LedgerTransition.claim(entry, for: purpose, retryFailed: retry, by: machine, now: now)
        case .renew: try LedgerTransition.renew(entry, by: machine, now: now)
        case .start:
            try LedgerTransition.start(entry, backend: .node, estimate: none, by: machine, lost: lost, now: now)
        case .takeOverClaimed(let watched, let since):
            try takeOverClaimed(entry, watched: watched, since: since, machine, now)
        case .takeOverStarted:
            try LedgerTransition.takeOverStarted(
                entry,
                backend: .node,
                estimate: none,
                by: machine,
                lost: lost,
                now: now
            )
        case .giveUp: try LedgerTransition.giveUp(entry, by: machine)
        case .fail(let kind, let attempt): try fail(entry, Self.failures[Int(kind)], attempt, machine, now)
        case .deliver(let attempt):
            try LedgerTransition.trained(
                entry,
                Self.records[index],
                end: end(attempt, "completed", now),
                for: purpose,
                by: machine
            )
        case .reuse: try LedgerTransition.reused(entry, Self.records[2], by: machine, lost: lost, now: now)
        case .settle(let attempt):
            try LedgerTransition.settled(entry, end: end(attempt, "superseded", now), by: machine)
        case .publish: try publish(entry)
        case .cancel: try LedgerTransition.requestCancel(entry)
        case .askToPause: try LedgerTransition.requestPause(entry, by: "p")
        case .resume: try LedgerTransition.resume(entry)
        case .pause(let attempt, let wished):
            try LedgerTransition.pause(
                entry,
                end: attempt > 0 ? end(attempt, LedgerTransition.pausedOutcome, now) : nil,
                isWishedHere: wished,
                by: machine
            )
        case .resolve: try LedgerTransition.resolveLost(entry, now: now)
        }
    }

    private func takeOverClaimed(
        _ entry: RunEntry?,
        watched: UInt16,
        since: UInt8,
        _ machine: Machine,
        _ now: Timestamp
    ) throws(LedgerRefusal) -> RunEntry? {
        guard let first = self.entry(watched) else { preconditionFailure("nobody watches what is absent") }
        let watch = Watch(entry: first, seconds: now.seconds - Self.time(since).seconds)
        return try LedgerTransition.takeOverClaimed(entry, watched: watch, by: machine, now: now)
    }

    private func fail(
        _ entry: RunEntry?,
        _ failure: RunEntry.Failure,
        _ attempt: UInt8,
        _ machine: Machine,
        _ now: Timestamp
    ) throws(LedgerRefusal) -> RunEntry? {
        let end = attempt > 0 ? end(attempt, failure.kind, now) : nil
        return try LedgerTransition.fail(entry, failure, end: end, by: machine)
    }

    private func publish(_ entry: RunEntry?) throws(LedgerRefusal) -> RunEntry? {
        guard let id = entry?.version?.id else { preconditionFailure("only a version is published") }
        return try LedgerTransition.published(entry, id, number: 1)
    }

    private func end(_ attempt: UInt8, _ outcome: String, _ now: Timestamp) -> LedgerTransition.AttemptEnd {
        .init(number: Int(attempt), ended: now, outcome: outcome, cost: Money(micros: Int64(attempt)))
    }

    /// What whoever has the lock on a machine does next.
    func next(
        _ entry: UInt16,
        _ state: MachineState,
        retry: Bool,
        watching: Bool,
        machine: Int,
        clock: UInt8
    ) -> RunStep {
        let running = state.isChild ? state.trainer : 0
        var first = UInt64(entry) | UInt64(clock) << 16 | UInt64(machine) << 24 | UInt64(running) << 25
        first |= UInt64(state.done.rawValue) << 32 | UInt64(state.doneAttempt) << 36 | (retry ? 1 : 0) << 40
        first |= (state.wishesPause ? 1 : 0) << 41
        let second = watching ? UInt64(state.watched) << 8 | UInt64(state.watchClock) << 32 | 1 : 0
        let key = NextKey(first: first, second: second)
        if let known = nexts[key] { return known }
        let now = Self.time(clock)
        let watched = watching ? self.entry(state.watched) : nil
        let step = RunStep.next(
            self.entry(entry),
            local: local(state, machine, running),
            retryFailed: retry,
            watched: watched.map { Watch(entry: $0, seconds: now.seconds - Self.time(state.watchClock).seconds) },
            by: Self.machines[machine],
            now: now
        )
        nexts[key] = step
        return step
    }

    private func local(_ state: MachineState, _ machine: Int, _ running: UInt8) -> LocalRun {
        let attempt = Int(state.doneAttempt)
        let done: LocalRun.Done? =
            switch state.done {
            case .none: nil
            case .completed: .completed(Self.records[machine].id, attempt: attempt)
            case .failed: .failed(Self.failures[1], attempt: attempt)
            }
        return LocalRun(done: done, running: running > 0 ? Int(running) : nil, isPauseWished: state.wishesPause)
    }
}

// MARK: - What holds at every step

extension LedgerOracle {
    private func check(_ step: Step, from old: RunEntry?, to new: RunEntry?, at now: Timestamp, by machine: Machine) {
        for attempt in old?.attempts ?? [] {
            let kept = new?.attempts.first { $0.number == attempt.number && $0.holder == attempt.holder }
            if kept == nil { violations.append("\(step) forgets attempt \(attempt.number)") }
            // What an attempt is thought to have cost gives way to what it really did.
            let isFinal = attempt.outcome != LedgerTransition.lostOutcome
            if attempt.cost != nil, kept?.cost == nil || isFinal && kept?.cost != attempt.cost {
                violations.append("\(step) forgets a cost")
            }
            if kept?.ended != nil, kept?.cost == nil { violations.append("\(step) ends an attempt without a cost") }
        }
        if let version = old?.version, new?.version?.id != version.id { violations.append("\(step) loses a version") }
        if old?.state == .published, new?.state != .published { violations.append("\(step) takes back a version") }
        if old?.pausedBy != nil, new?.state == .started, new?.attempts.count != old?.attempts.count {
            violations.append("\(step) goes on with a run that is to stay paused")
        }
        switch step {
        case .takeOverClaimed: checkLease(step, old, grace: 300, now, machine)
        case .takeOverStarted: checkLease(step, old, grace: 0, now, machine)
        case .reuse where old?.holder.id != machine.id && old?.version == nil:
            checkLease(step, old, grace: 0, now, machine)
        default: break
        }
    }

    /// Said once more in other words than the steps themselves: nobody takes what another one has a lease on.
    private func checkLease(_ step: Step, _ old: RunEntry?, grace: Int64, _ now: Timestamp, _ machine: Machine) {
        guard let holder = old?.holder, let until = holder.until else {
            violations.append("\(step) takes a run without a lease")
            return
        }
        if holder.id == machine.id || until.seconds + grace >= now.seconds {
            violations.append("\(step) takes a run before its lease is over")
        }
    }
}
