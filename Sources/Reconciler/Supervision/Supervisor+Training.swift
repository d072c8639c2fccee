//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Artifacts
internal import Backends
internal import Ledger
internal import POSIX
internal import Planning
internal import Resources
internal import Runs

// The supervisor's part that has to do with devices and the trainer.

extension Supervisor {
    func begin(takingOver: Bool) throws {
        try endPrevious()
        guard try waitForTurn(), try !reuse(), try waitForDevice() else { return }
        let lost = lostAttempts
        let entry = try write("start") { entry throws(LedgerRefusal) in
            takingOver
                ? try LedgerTransition.takeOverStarted(
                    entry,
                    backend: .node,
                    estimate: self.supervision.estimate,
                    by: self.machine,
                    lost: lost,
                    now: self.now()
                )
                : try LedgerTransition.start(
                    entry,
                    backend: .node,
                    estimate: self.supervision.estimate,
                    by: self.machine,
                    lost: lost,
                    now: self.now()
                )
        }
        guard let entry, entry.state == .started, let attempt = entry.attempts.last?.number else { return }
        if try folder.readDone() != nil { try folder.forgetEnd(fresh: false, holding: lock) }
        try folder.write(attempt: attempt)
        try train(entry, attempt: attempt)
    }

    /// Waits while another repository of this machine trains the same, whose result is then in the store; false where
    /// the run was cancelled or lost while waiting.
    private func waitForTurn() throws -> Bool {
        guard turn == nil, let path = try store.turn(of: fingerprint) else { return true }
        turn = try FileLock.tryAcquire(path)
        if turn != nil { return true }
        log("waiting for another repository of this machine, which trains the same")
        return try waits { waiting in turn = try FileLock.acquire(path, waiting: waiting) }
    }

    /// Waits while another run has the device, so that a run is written as started only when it can start; false where
    /// it was cancelled or lost while waiting. The device is free again when this returns: the trainer takes it for
    /// itself.
    private func waitForDevice() throws -> Bool {
        try waits { waiting in
            _ = try DeviceLock.acquire(oneOf: try devices(), in: try deviceFolder, waiting: waiting)
        }
    }

    /// Renews the claim for as long as something is waited for; false where waiting is of no use any more.
    private func waits(_ body: (_ waiting: (Duration) throws -> Void) throws -> Void) throws -> Bool {
        do {
            try body { _ in
                if SignalFlags.terminationRequests > 0 { throw GaveUpWaiting() }
                if !isTimeToLook, !folder.isPauseWished { return }
                lastLook = MonotonicClock.now
                if try !keepsWaiting() { throw GaveUpWaiting() }
            }
            return true
        } catch is GaveUpWaiting {
            return false
        }
    }

    /// What the job may run on.
    private func devices() throws -> [Device] {
        try DeviceSurvey(environment: ProcessEnvironment.variables).devices(of: folder.readDevice())
    }

    private var deviceFolder: String {
        get throws { try DeviceLock.folder(environment: ProcessEnvironment.variables) }
    }

    private struct GaveUpWaiting: Error {}

    private func keepsWaiting() throws -> Bool {
        let entry: RunEntry?
        do {
            try renew(every: Lease.claimRenewal)
            entry = try home.ledger.read().entries[fingerprint]
        } catch {
            log("cannot read the ledger: \(error)")
            return true
        }
        switch RunStep.next(entry, local: try local(running: nil), by: machine, now: now()) {
        case .start, .takeOverStarted: return true
        default: return false
        }
    }

    func node(on devices: [Device]) throws -> NodeBackend {
        NodeBackend(
            launcher: TrainerLauncher(path: supervision.trainer),
            devices: devices,
            deviceFolder: try deviceFolder
        )
    }

    private func train(_ entry: RunEntry, attempt: Int) throws {
        order = .go
        lastLook = MonotonicClock.now
        lastRenewal = MonotonicClock.now
        let began = MonotonicClock.now
        let tracking = track()
        defer { tracking.close() }
        let outcome = try node(on: devices())
            .carry(
                folder,
                notify: { notice in
                    if case .spawned = notice { tracking.start(self.trackingFacts) }
                    self.notice(notice)
                },
                shouldStop: {
                    tracking.look()
                    return self.isOverLimit(entry, since: began) || self.watch(attempt: attempt)
                }
            )
        guard case .stopped = outcome else { return }
        let end: Done.Outcome
        switch order {
        case .go, .halt: return
        case .stop: end = .failed(kind: "superseded", message: "stopped because it was cancelled or overtaken")
        case .limit(let reason): end = .failed(kind: RunLimits.failureKind, message: try limitMessage(reason))
        }
        try folder.write(Done(outcome: end, exit: nil, time: now()))
    }

    private func track() -> RunTracking {
        let tracking = RunTracking(
            folder,
            by: supervision.tracking.map(\.rawValue),
            launcher: TrainerLauncher(path: supervision.trainer),
            grace: .seconds(trackingGrace),
            tell: { [weak self] in self?.log($0) }
        )
        trackings.append(tracking)
        return tracking
    }

    /// Seconds that trackers have for what is left to be sent when a training has ended.
    private var trackingGrace: Int {
        ProcessEnvironment.variables["FTOPS_TRACKING_SECONDS"].flatMap { Int($0) } ?? 30
    }

    private var trackingFacts: RunTracking.Facts {
        RunTracking.Facts(
            model: supervision.draft.model.description,
            fineTunes: supervision.draft.fineTunes.map(\.rawValue),
            commit: supervision.draft.commit,
            folder: state + "/tracking"
        )
    }

    /// Whether the attempt that began at a time, by a clock that nobody sets, has taken all that it may.
    private func isOverLimit(_ entry: RunEntry, since began: Duration) -> Bool {
        guard order == .go else { return false }
        let reason = supervision.limits.reason(
            taken: (MonotonicClock.now - began) / .seconds(1),
            spent: entry.attempts.compactMap(\.cost).reduce(.zero, +),
            pricePerHour: supervision.pricePerHour
        )
        guard let reason else { return false }
        log("stopping the trainer at a checkpoint: \(reason)")
        order = .limit(reason)
        return true
    }

    private func limitMessage(_ reason: String) throws -> String {
        let summary = try folder.summary()
        let reached = summary.checkpoint ?? 0
        let place = summary.started.map { "its checkpoint is of step \(reached) of \($0.steps)" } ?? "it took no step"
        return "\(reason); \(place): raise the budget, and it goes on from there"
    }

    func notice(_ notice: TrainerNotice) {
        switch notice {
        case .endingPrevious: log("ending the trainer that an earlier supervisor left")
        case .waiting(let devices, _): log("waiting for \(devices.map(\.description).joined(separator: " or "))")
        case .spawned(let pid): log("started the trainer, pid \(pid)")
        case .restarting(let reason): log("starting the trainer again: \(reason)")
        case .event: break
        }
    }

    /// Looks at the entry every minute and renews the lease every hour; says whether the trainer has to stop.
    ///
    /// A ledger that cannot be reached changes nothing: the training goes on, and its result is delivered later.
    private func watch(attempt: Int) -> Bool {
        if SignalFlags.terminationRequests > 0 { return true }
        // A wish at this machine needs no ledger, so that it is met at once and without the remote.
        if order == .go, folder.isPauseWished { order = .halt }
        guard isTimeToLook else { return order != .go }
        lastLook = MonotonicClock.now
        do {
            let entry = try home.ledger.read().entries[fingerprint]
            let local = LocalRun(running: attempt, isPauseWished: folder.isPauseWished)
            switch RunStep.next(entry, local: local, by: machine, now: now()) {
            case .stopTrainer: order = .stop
            case .haltTrainer: order = .halt
            default: order = order.isLimit ? order : .go
            }
            try renew(every: Lease.startedRenewal)
        } catch {
            log("cannot read the ledger: \(error)")
        }
        return order != .go
    }

    private var isTimeToLook: Bool {
        lastLook.map { MonotonicClock.now - $0 >= .seconds(lookInterval) } ?? true
    }

    /// Seconds between two looks at the entry.
    private var lookInterval: Int {
        ProcessEnvironment.variables["FTOPS_LOOK_SECONDS"].flatMap { Int($0) } ?? 60
    }
}
