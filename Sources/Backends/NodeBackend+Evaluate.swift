//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX
package import Runs

extension NodeBackend {
    /// Judges base and version anew, for an evaluation that has changed: inference only. The run's folder is prepared
    /// with the job that asks for it, and has the new result when the outcome is nothing.
    ///
    /// Whoever calls holds the run's `run.lock`. Anything but a result is returned as the outcome: a failure, or that it
    /// was stopped.
    package func evaluate(
        _ folder: RunFolder,
        adapter: String,
        notify: (TrainerNotice) -> Void,
        shouldStop: () -> Bool
    ) throws -> TrainerOutcome? {
        guard let lock = try trainerLock(of: folder) else {
            return .failed(
                kind: "busy",
                message: "the run \(folder.id) is being trained: evaluate it when it has ended"
            )
        }
        guard let device = try takeDevice(notify: notify, shouldStop: shouldStop) else { return .stopped }
        try Folder.remove(folder.evaluation)
        var reader = EventReader(folder.events)
        _ = try reader.next()
        let child = try ChildProcess.spawn(
            try trainerOptions(["evaluate", folder.path, adapter], folder, lock, device)
        )
        notify(.spawned(pid: child.pid))
        var failure: TrainerOutcome?
        func tell() throws {
            for timed in try reader.next() {
                notify(.event(timed))
                if case .failed(let kind, let message) = timed.event {
                    failure = .failed(kind: kind, message: message)
                }
            }
        }
        let isStopped = try follow(child, in: folder, tell, shouldStop)
        let end = try child.wait()
        try tell()
        if end == .exited(0), FileStatus.isFile(folder.evaluation) { return nil }
        if isStopped { return .stopped }
        if let failure { return failure }
        return .failed(kind: "trainer", message: "the evaluation \(end) and left no result: see \(folder.log)")
    }

    /// A lock that is only held for a moment, such as by a child on its way to its program, is waited for.
    private func trainerLock(of folder: RunFolder) throws -> FileLock? {
        struct Busy: Error {}
        do {
            return try FileLock.acquire(folder.trainerLock) { if $0 > .seconds(2) { throw Busy() } }
        } catch is Busy {
            return nil
        }
    }

    /// Waits for the evaluation's end, telling what happens, and asks it to stop where that is wanted; true where it was.
    private func follow(
        _ child: ChildProcess,
        in folder: RunFolder,
        _ tell: () throws -> Void,
        _ shouldStop: () -> Bool
    ) throws -> Bool {
        let watch = ChangeWatch(folders: [folder.path])
        var killTime: Duration?
        while try child.poll() == nil {
            try tell()
            if killTime == nil, shouldStop() {
                killTime = MonotonicClock.now + stopGrace
                child.signalGroup(ProcessGroup.Signal.terminate)
            }
            if let killTime, MonotonicClock.now >= killTime { child.signalGroup(ProcessGroup.Signal.kill) }
            watch.wait(timeout: .seconds(1), child: child)
        }
        return killTime != nil
    }

    /// How a trainer's process starts: in a session of its own, holding its locks and seeing its device alone, its words
    /// going to `train.log`.
    func trainerOptions(
        _ arguments: [String],
        _ folder: RunFolder,
        _ lock: FileLock,
        _ device: DeviceLock
    ) throws -> SpawnOptions {
        let log = try OpenFile(folder.log, .append)
        var options = launcher.options(arguments)
        options.environment.merge(device.device.environment) { $1 }
        options.output = .file(log)
        options.error = .file(log)
        options.newSession = true
        options.inherited = [lock.file, device.file]
        return options
    }
}
