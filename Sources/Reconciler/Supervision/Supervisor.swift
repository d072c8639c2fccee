//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Artifacts
internal import Backends
internal import Foundation
internal import Git
internal import Ledger
internal import POSIX
internal import Planning
package import Resources
package import Runs

/// Carries one run on this machine through to `published`: the process behind the hidden `ftops supervise`.
///
/// It holds the run's lock as long as it lives. What it does next is decided by `RunStep` from the entry at the
/// ledger's tip and from the run's folder, again after each step, so that a supervisor that was killed at any instant
/// is followed by one that goes on from there.
package final class Supervisor {
    private let folder: RunFolder
    private let lock: FileLock
    private let supervision: Supervision
    private let home: Home
    private let store: ArtifactStore
    private let machine: Planning.Machine
    private let now: () -> Timestamp
    private let fingerprint: Fingerprint
    private var lastLook: Duration?
    private var lastRenewal: Duration?
    private var order: TrainerOrder = .go

    private enum TrainerOrder {
        case go
        /// To stop at a checkpoint, and to be decided about anew.
        case halt
        case stop
    }

    /// Takes the run's lock and opens all that the run needs; nothing where another supervisor has the lock.
    package init?(folder: RunFolder, state: StateFolder, now: @escaping () -> Timestamp) throws {
        guard let lock = try folder.tryLock() else { return nil }
        guard let supervision = try Supervision(json: try folder.readContext()) else {
            throw ReconcilerError(.damaged, "\(folder.context) is not what ftops wrote there: run ftops apply again")
        }
        self.folder = folder
        self.lock = lock
        self.supervision = supervision
        self.now = now
        let repository = try GitRepository(path: supervision.repository)
        let settings = GitSettings(
            remote: supervision.remote,
            branch: supervision.branch,
            push: supervision.push,
            ledger: supervision.ledger
        )
        home = try Home(repository, settings: settings)
        store = ArtifactStore(folder: supervision.store)
        machine = Planning.Machine(id: HolderID(rawValue: state.holder), host: state.host.name)
        fingerprint = supervision.draft.fingerprint
        if let identity = ProcessIdentity.current { try folder.record(identity, as: .supervisor) }
    }

    /// Takes step after step until nothing is left to do here.
    package func run() throws {
        defer { withExtendedLifetime(lock) {} }
        while try SignalFlags.terminationRequests == 0 && step() {}
    }

    private func step() throws -> Bool {
        let entry = try home.ledger.read().entries[fingerprint]
        switch RunStep.next(entry, local: try local(running: nil), by: machine, now: now()) {
        case .takeOverStarted: try begin(takingOver: true)
        case .start: try begin(takingOver: false)
        case .pause(let attempt): try pause(attempt: attempt)
        case .fail(let failure, let attempt): try fail(failure, attempt: attempt)
        case .deliver(let attempt): try deliver(attempt: attempt)
        case .settle(let attempt, let outcome): try settle(attempt: attempt, outcome: outcome)
        case .publish: return try publish()
        case .claim, .takeOverClaimed, .follow, .haltTrainer, .stopTrainer, .wait, .rest, .finished: return false
        }
        return true
    }

    // MARK: What is known here

    private func local(running: Int?) throws -> LocalRun {
        LocalRun(done: try done(), running: running, isPauseWished: folder.isPauseWished)
    }

    private func done() throws -> LocalRun.Done? {
        guard let done = try folder.readDone(), let attempt = try folder.readAttempt() else { return nil }
        switch done.outcome {
        case .completed(let digest):
            let weights = try folder.outputFiles()
            guard RunFolder.digest(of: weights) == digest else {
                throw ReconcilerError(
                    .damaged,
                    "\(folder.output) is not what the training left there: remove it and \(folder.done), "
                        + "and ftops apply goes on from the last checkpoint"
                )
            }
            return .completed(VersionIdentity.id(fingerprint: fingerprint, weights: weights), attempt: attempt)
        case .failed(let kind, let message):
            return .failed(RunEntry.Failure(kind: kind, message: message), attempt: attempt)
        }
    }

    // MARK: Training

    private func begin(takingOver: Bool) throws {
        guard try waitForDevice() else { return }
        let entry = try write("start") { entry throws(LedgerRefusal) in
            takingOver
                ? try LedgerTransition.takeOverStarted(
                    entry,
                    backend: .node,
                    estimate: self.supervision.estimate,
                    by: self.machine,
                    now: self.now()
                )
                : try LedgerTransition.start(
                    entry,
                    backend: .node,
                    estimate: self.supervision.estimate,
                    by: self.machine,
                    now: self.now()
                )
        }
        guard let entry, entry.state == .started, let attempt = entry.attempts.last?.number else { return }
        if try folder.readDone() != nil { try folder.forgetEnd(fresh: false, holding: lock) }
        try folder.write(attempt: attempt)
        try train(attempt: attempt)
    }

    /// Waits while another run has the device, and renews the claim meanwhile, so that a run is written as started only
    /// when it can start; false where it was cancelled or lost while waiting.
    ///
    /// The device is free again when this returns: the trainer takes it for itself. Where a trainer of this very run is
    /// alive, whose supervisor was killed, the device is this run's already.
    private func waitForDevice() throws -> Bool {
        guard try FileLock.tryAcquire(folder.trainerLock) != nil else { return true }
        do {
            _ = try DeviceLock.acquire(oneOf: try devices(), in: try deviceFolder) { _ in
                if SignalFlags.terminationRequests > 0 { throw GaveUpWaiting() }
                if !self.isTimeToLook, !self.folder.isPauseWished { return }
                self.lastLook = MonotonicClock.now
                if try !self.keepsWaiting() { throw GaveUpWaiting() }
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

    private func node(on devices: [Device]) throws -> NodeBackend {
        NodeBackend(
            launcher: TrainerLauncher(path: supervision.trainer),
            devices: devices,
            deviceFolder: try deviceFolder
        )
    }

    private func train(attempt: Int) throws {
        order = .go
        lastLook = MonotonicClock.now
        lastRenewal = MonotonicClock.now
        let outcome = try node(on: devices())
            .carry(folder, notify: { self.notice($0) }, shouldStop: { self.watch(attempt: attempt) })
        guard case .stopped = outcome else { return }
        guard order == .stop else { return }
        let end = Done.Outcome.failed(kind: "superseded", message: "stopped because it was cancelled or overtaken")
        try folder.write(Done(outcome: end, exit: nil, time: now()))
    }

    private func notice(_ notice: TrainerNotice) {
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
            default: order = .go
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

    // MARK: Steps of the ledger

    private func renew(every seconds: Int64) throws {
        if let last = lastRenewal, MonotonicClock.now - last < .seconds(seconds) { return }
        try home.renewAll(by: machine, now: now())
        lastRenewal = MonotonicClock.now
    }

    /// Writes a step that is decided anew at each tip; nothing where the ledger refuses it.
    @discardableResult
    private func write(
        _ message: String,
        _ transition: (RunEntry?) throws(LedgerRefusal) -> RunEntry?
    ) throws -> RunEntry? {
        do {
            let snapshot = try home.ledger.step(message: "\(message) \(fingerprint.short)", now: now()) { snapshot in
                [self.fingerprint: try transition(snapshot.entries[self.fingerprint])]
            }
            return snapshot.entries[fingerprint]
        } catch let refusal as LedgerRefusal {
            log("\(message): \(refusal)")
            return nil
        }
    }

    private func end(_ attempt: Int, outcome: String, entry: RunEntry?) -> LedgerTransition.AttemptEnd {
        // What `done` says is the end of the attempt that the folder is at.
        let isPresent = (try? folder.readAttempt()) == attempt
        let ended = (isPresent ? (try? folder.readDone())??.time : nil) ?? now()
        let started = entry?.attempts.first { $0.number == attempt }?.started ?? ended
        return LedgerTransition.AttemptEnd(
            number: attempt,
            ended: ended,
            outcome: outcome,
            cost: builder.cost(from: started, to: ended)
        )
    }

    private func pause(attempt: Int?) throws {
        try endPrevious()
        try write("pause") { entry throws(LedgerRefusal) in
            try LedgerTransition.pause(
                entry,
                end: attempt.map { self.end($0, outcome: LedgerTransition.pausedOutcome, entry: entry) },
                isWishedHere: self.folder.isPauseWished,
                by: self.machine
            )
        }
    }

    /// Lets a trainer stop that a killed supervisor left, where the run is not gone on with.
    private func endPrevious() throws { try node(on: []).endPrevious(folder, notify: { self.notice($0) }) }

    private func fail(_ failure: RunEntry.Failure, attempt: Int?) throws {
        try endPrevious()
        try write("fail") { entry throws(LedgerRefusal) in
            let end = attempt.map { self.end($0, outcome: failure.kind, entry: entry) }
            return try LedgerTransition.fail(entry, failure, end: end, by: self.machine)
        }
    }

    private func settle(attempt: Int, outcome: String) throws {
        try endPrevious()
        try write("settle") { entry throws(LedgerRefusal) in
            try LedgerTransition.settled(
                entry,
                end: self.end(attempt, outcome: outcome, entry: entry),
                by: self.machine
            )
        }
    }

    // MARK: Results

    private var builder: RecordBuilder {
        RecordBuilder(draft: supervision.draft, pricePerHour: supervision.pricePerHour)
    }

    /// Stores the weights, reads them back, and writes the whole record.
    private func deliver(attempt: Int) throws {
        let weights = try store.put(folder: folder.output)
        for file in weights { try store.verify(file.sha256) }
        let ended = try folder.readDone()?.time ?? now()
        let known = try home.ledger.read().entries[fingerprint]
        guard
            let record = try builder.record(
                folder,
                weights: weights,
                attempts: attempts(known, attempt, ended),
                now: ended
            )
        else {
            throw ReconcilerError(.damaged, "\(folder.events) does not tell that the training completed")
        }
        try write("store") { entry throws(LedgerRefusal) in
            let end = self.end(attempt, outcome: "completed", entry: entry)
            let purpose = entry.map { RunPurpose($0) } ?? RunPurpose(record, branch: self.supervision.branch)
            return try LedgerTransition.trained(entry, record, end: end, for: purpose, by: self.machine)
        }
    }

    /// The attempts as they are once this one has ended.
    private func attempts(_ entry: RunEntry?, _ number: Int, _ ended: Timestamp) -> [RunEntry.Attempt] {
        var attempts = entry?.attempts ?? []
        for index in attempts.indices where attempts[index].number == number { attempts[index].ended = ended }
        return attempts
    }

    /// Commits the version; false where that is left to a later `ftops`.
    private func publish() throws -> Bool {
        guard let entry = try home.ledger.read().entries[fingerprint], let record = entry.version else { return false }
        let delivery = Delivery(home: home)
        let publication = try delivery.publish(
            record,
            of: entry,
            description: supervision.model,
            push: supervision.push,
            now: now()
        )
        for note in publication.notes { log(note) }
        try DurableFile.write(publication.notes.joined(separator: "\n"), to: folder.path + "/notes")
        return publication.isPublished
    }

    private func log(_ message: String) {
        Terminal.write("\(now()) \(message)\n", to: .error)
    }
}
