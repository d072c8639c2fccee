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
    let folder: RunFolder
    let lock: FileLock
    let supervision: Supervision
    let publishing: Publishing
    let store: ArtifactStore
    let machine: Planning.Machine
    let now: () -> Timestamp
    let fingerprint: Fingerprint
    var lastLook: Duration?
    var lastRenewal: Duration?
    var order: TrainerOrder = .go
    /// What hands the events on to trackers; none where none is asked for.
    var trackings: [RunTracking] = []
    /// The state folder.
    let state: String
    /// What keeps others of this machine from training the same, until its result is in the store.
    var turn: FileLock?

    var home: Home { publishing.home }

    enum TrainerOrder: Equatable {
        case go
        /// To stop at a checkpoint, because it has taken all that it may.
        case limit(String)
        /// To stop at a checkpoint, and to be decided about anew.
        case halt
        case stop

        var isLimit: Bool { if case .limit = self { true } else { false } }
    }

    /// Takes the run's lock and opens all that the run needs; nothing where another supervisor has the lock.
    package init?(folder: RunFolder, state: StateFolder, cache: String, now: @escaping () -> Timestamp) throws {
        guard let lock = try folder.tryLock() else { return nil }
        guard let supervision = try Supervision(json: try folder.readContext()) else {
            throw ReconcilerError(.damaged, "\(folder.context) is not what ftops wrote there: run ftops apply again")
        }
        self.folder = folder
        self.lock = lock
        self.supervision = supervision
        self.now = now
        self.state = state.path
        publishing = try Publishing(supervision, state: state.path)
        store = try ArtifactStore(
            location: supervision.store,
            cache: cache,
            state: state.path,
            environment: ProcessEnvironment.variables
        )
        machine = Planning.Machine(id: HolderID(rawValue: state.holder), host: state.host.name)
        fingerprint = supervision.draft.fingerprint
        folder.forgetNotices()
        if let identity = ProcessIdentity.current { try folder.record(identity, as: .supervisor) }
    }

    /// Takes step after step until nothing is left to do here.
    package func run() throws {
        defer { withExtendedLifetime(lock) {} }
        // Last of all, so that the version is published whatever becomes of that.
        defer { for tracking in trackings { tracking.finish() } }
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

    func local(running: Int?) throws -> LocalRun {
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

    // MARK: Steps of the ledger

    func renew(every seconds: Int64) throws {
        if let last = lastRenewal, MonotonicClock.now - last < .seconds(seconds) { return }
        try home.renewAll(by: machine, now: now())
        lastRenewal = MonotonicClock.now
    }

    /// Writes a step that is decided anew at each tip; nothing where the ledger refuses it.
    @discardableResult
    func write(
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

    /// What is known of an attempt of an earlier supervisor that was killed.
    var lostAttempts: LostAttempts {
        LostAttempts(lastSign: (try? folder.summary())?.latest, pricePerHour: supervision.pricePerHour)
    }

    func end(_ attempt: Int, outcome: String, entry: RunEntry?) -> LedgerTransition.AttemptEnd {
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
    func endPrevious() throws { try node(on: []).endPrevious(folder, notify: { self.notice($0) }) }

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

    func log(_ message: String) {
        Terminal.write("\(now()) \(message)\n", to: .error)
    }
}
