//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX
internal import Resources
internal import Runs

/// Performs what `TrainerSupervision` decides, for one run: locks, the trainer's process, its events, `done`.
final class TrainerSession {
    private let folder: RunFolder
    private let node: NodeBackend
    private let notify: (TrainerNotice) -> Void
    private let shouldStop: () -> Bool
    private let watch: ChangeWatch
    private var machine: TrainerSupervision
    private var reader: EventReader
    private var lock: FileLock?
    private var device: DeviceLock?
    private var child: ChildProcess?
    private var failure: TrainerSupervision.Failure?
    private var killTime: Duration?
    private var lastAsked: Duration?

    init(
        _ folder: RunFolder,
        node: NodeBackend,
        notify: @escaping (TrainerNotice) -> Void,
        shouldStop: @escaping () -> Bool
    ) throws {
        self.folder = folder
        self.node = node
        self.notify = notify
        self.shouldStop = shouldStop
        watch = ChangeWatch(folders: [folder.path])
        reader = EventReader(folder.events)
        // What earlier supervisors saw is no news, but it counts as the way that the run has come.
        machine = TrainerSupervision(furthest: TrainingSummary(try reader.next()).furthest)
    }

    func run() throws -> TrainerOutcome {
        lock = try FileLock.tryAcquire(folder.trainerLock)
        var actions = machine.on(.lock(isTaken: lock != nil))
        while true {
            while !actions.isEmpty {
                let action = actions.removeFirst()
                if case .finish(let outcome) = action { return outcome }
                actions = try perform(action) + actions
            }
            actions = try nextEvent()
        }
    }

    private func perform(_ action: TrainerSupervision.Action) throws -> [TrainerSupervision.Action] {
        switch action {
        case .endPrevious:
            lock = try node.takeFromPrevious(folder, notify: notify)
            return machine.on(.lock(isTaken: true))
        case .readDone: return machine.on(.done(try folder.readDone()?.outcome))
        case .takeDevice: return try takeDevice()
        case .spawn(let reason):
            try spawn(again: reason)
            return machine.on(.spawned)
        case .terminate:
            killTime = MonotonicClock.now + node.stopGrace
            child?.signalGroup(ProcessGroup.Signal.terminate)
            return []
        case .kill:
            child?.signalGroup(ProcessGroup.Signal.kill)
            return []
        case .write(let outcome, let end):
            let time = Timestamp(seconds: WallClock.seconds)
            try folder.write(Done(outcome: outcome, exit: end, time: time))
            return []
        case .finish: return []
        }
    }

    // MARK: Locks

    private func takeDevice() throws -> [TrainerSupervision.Action] {
        device = try node.takeDevice(notify: notify) { isTimeToAsk() && shouldStop() }
        return machine.on(device == nil ? .stopWanted : .device)
    }

    // MARK: The trainer's process

    private func spawn(again reason: String?) throws {
        if let reason {
            notify(.restarting(reason))
            endStragglers()
        }
        guard let lock, let device else { preconditionFailure("a trainer is spawned under its locks") }
        let options = try node.trainerOptions(["train", folder.path], folder, lock, device)
        failure = nil
        let child = try ChildProcess.spawn(options)
        if let identity = child.identity { try folder.record(identity, as: .trainer) }
        self.child = child
        notify(.spawned(pid: child.pid))
    }

    /// Of a trainer that died, processes may be left that would write beside the next one.
    private func endStragglers() {
        let path = folder.trainerLock
        ProcessGroup.end(grace: .zero) { ProcessGroup.members(of: nil, holding: path) }
    }

    private func nextEvent() throws -> [TrainerSupervision.Action] {
        guard let child else { preconditionFailure("a supervision that waits has a trainer") }
        let end = try child.poll()
        var actions = try readEvents()
        if let end { return actions + machine.on(.ended(end, try remains(end))) }
        if isTimeToAsk(), shouldStop() { actions += machine.on(.stopWanted) }
        if let time = killTime, MonotonicClock.now >= time {
            killTime = nil
            actions += machine.on(.graceOver)
        }
        if actions.isEmpty { watch.wait(timeout: .seconds(1), child: child) }
        return actions
    }

    private func readEvents() throws -> [TrainerSupervision.Action] {
        var actions: [TrainerSupervision.Action] = []
        for timed in try reader.next() {
            notify(.event(timed))
            switch timed.event {
            case .step(let step): actions += machine.on(.reached(step: step.step))
            case .checkpoint(let step): actions += machine.on(.reached(step: step))
            case .failed(let kind, let message): failure = .init(kind: kind, message: message)
            case .preparing, .started, .evaluation, .evaluating, .sample, .completed, .stopped, .other: break
            }
        }
        return actions
    }

    private func remains(_ end: ProcessEnd) throws -> TrainerSupervision.Remains {
        let isTold = end == .exited(0) ? try folder.summary().completed != nil : false
        let files = isTold ? try folder.outputFiles() : []
        let log = String(decoding: try FileContents.tail(folder.log, limit: 400), as: UTF8.self)
        return TrainerSupervision.Remains(
            failure: failure,
            output: files.isEmpty ? nil : RunFolder.digest(of: files),
            log: log.split(whereSeparator: \.isNewline).last.map(String.init) ?? ""
        )
    }

    /// Whether it is time to ask whether to stop: asking may mean reading a repository, and events come fast.
    private func isTimeToAsk() -> Bool {
        let now = MonotonicClock.now
        if let lastAsked, now - lastAsked < .milliseconds(500) { return false }
        lastAsked = now
        return true
    }
}
