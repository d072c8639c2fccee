//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
internal import POSIX

/// The processes that hand a run's events on to trackers: one for each, so that none waits for another.
///
/// They read `events.jsonl` from its start and may be killed at any time. A training never waits for them, and what
/// goes wrong with one is told once and is nothing but that. They end by themselves once their standard input does,
/// which this process holds: at the end of the training, and at this process's own, however that comes.
package final class RunTracking {
    /// What trackers are told of a run that its job does not say: the file `tracking.json` of its folder.
    package struct Facts: Hashable, Sendable {
        /// The model that it is published to, `owner/name`.
        package var model: String
        /// The fine-tunes that ask for it.
        package var fineTunes: [String]
        /// The commit that asks for it.
        package var commit: String
        /// The folder for what trackers keep on this machine.
        package var folder: String

        /// Makes facts.
        package init(model: String, fineTunes: [String], commit: String, folder: String) {
            self.model = model
            self.fineTunes = fineTunes
            self.commit = commit
            self.folder = folder
        }

        var json: JSONValue {
            [
                "format": 1,
                "model": .string(model),
                "fine_tunes": .array(fineTunes.map { .string($0) }),
                "commit": .string(commit),
                "folder": .string(folder),
            ]
        }
    }

    /// What is waited for before one that failed is started again; twice as long each time.
    private static let pause = Duration.seconds(60)
    private static let longestPause = Duration.seconds(3600)
    /// The status of a trainer that knows no such command.
    private static let usageStatus: Int32 = 64

    private let folder: RunFolder
    private let launcher: TrainerLauncher
    private let tell: (String) -> Void
    private let grace: Duration
    private var followers: [Follower]
    private var deadline: Duration?
    private var hasStarted = false

    private struct Follower {
        let tracker: String
        var child: ChildProcess?
        /// What its standard input ends with.
        var input: OpenFile?
        var isOver = false
        var failures = 0
        var nextStart = Duration.zero
    }

    /// Makes the tracking of a run by these trackers, which may be none; nothing is started.
    ///
    /// `grace` is how long a process may still be at it when no more events come, by default a few seconds more than it
    /// allows itself.
    package init(
        _ folder: RunFolder,
        by trackers: [String],
        launcher: TrainerLauncher,
        grace: Duration = .seconds(30),
        tell: @escaping (String) -> Void
    ) {
        self.folder = folder
        self.launcher = launcher
        self.grace = grace
        self.tell = tell
        followers = trackers.map { Follower(tracker: $0) }
    }

    /// Starts what is to follow the run from now on.
    package func start(_ facts: Facts) {
        guard !followers.isEmpty, !hasStarted else { return }
        hasStarted = true
        do {
            try DurableFile.write(JSONText.pretty(facts.json), to: folder.tracking)
        } catch {
            tell("nothing is tracked: \(error)")
            followers = []
        }
        look()
    }

    /// Sees to those that have ended, and starts them again when it is time.
    package func look() {
        for index in followers.indices where !followers[index].isOver {
            if followers[index].child != nil { reap(index) }
            guard hasStarted, deadline == nil, followers[index].child == nil, !followers[index].isOver,
                MonotonicClock.now >= followers[index].nextStart
            else { continue }
            spawn(index)
        }
    }

    /// Says that no more events come, from which on none has more than its grace.
    package func close() {
        guard deadline == nil else { return }
        deadline = MonotonicClock.now + grace
        look()
        for index in followers.indices { followers[index].input = nil }
    }

    /// Waits until all have ended, but for no longer than their grace, after which they are killed.
    package func finish() {
        close()
        let end = deadline ?? MonotonicClock.now
        let changes = ChangeWatch(folders: [])
        while let running = followers.first(where: { $0.child != nil })?.child, MonotonicClock.now < end {
            changes.wait(timeout: min(.milliseconds(100), end - MonotonicClock.now), child: running)
            look()
        }
        let late = followers.indices.filter { followers[$0].child != nil }
        guard !late.isEmpty else { return }
        let isReady = launcher.isReady("tracking")
        for index in late {
            if isReady { kill(index) } else { fail(index, "goes on by itself: its environment is still being made") }
        }
    }

    private func kill(_ index: Int) {
        followers[index].child?.signalGroup(ProcessGroup.Signal.kill)
        _ = try? followers[index].child?.wait()
        followers[index].child = nil
        fail(index, "was not done \(grace.components.seconds) seconds after the training")
    }

    private func spawn(_ index: Int) {
        let tracker = followers[index].tracker
        do {
            let input = try OpenFile.pipe()
            let log = try OpenFile(folder.trackingLog(tracker), .append, permissions: 0o600)
            var options = launcher.options(["track", folder.path, tracker])
            options.input = .file(input.reading)
            options.output = .file(log)
            options.error = .file(log)
            options.newSession = true
            followers[index].child = try ChildProcess.spawn(options)
            followers[index].input = input.writing
        } catch {
            fail(index, "cannot be started: \(error)")
        }
    }

    private func reap(_ index: Int) {
        guard let end = try? followers[index].child?.poll() else { return }
        followers[index].child = nil
        followers[index].input = nil
        switch end {
        case .exited(0): followers[index].isOver = true
        case .exited(Self.usageStatus):
            fail(index, "is nothing that this trainer knows")
            followers[index].isOver = true
        case .exited, .signaled: fail(index, "\(end); it is tried again while the training goes on")
        }
    }

    /// The first failure of each is told, where apply sees it too.
    private func fail(_ index: Int, _ words: String) {
        let pause = Self.pause * (1 << min(followers[index].failures, 10))
        followers[index].failures += 1
        followers[index].nextStart = MonotonicClock.now + min(pause, Self.longestPause)
        guard followers[index].failures == 1 else { return }
        let tracker = followers[index].tracker
        let note = "tracking by \(tracker) \(words); see \(folder.trackingLog(tracker))"
        tell(note)
        folder.addNotice(note)
    }
}

extension RunFolder {
    /// What trackers are told of the run beside its job.
    package var tracking: String { path + "/tracking.json" }

    /// What the process for a tracker prints.
    package func trackingLog(_ tracker: String) -> String { path + "/tracking-\(tracker).log" }
}
