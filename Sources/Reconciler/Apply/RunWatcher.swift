//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Foundation
internal import Ledger
internal import POSIX
internal import Planning
internal import Resources
internal import Runs

/// Follows a run on this machine: starts its supervisor where none is alive, shows its events, and tells how it ended.
///
/// Watching changes nothing about the run: the watcher may be killed at any time.
struct RunWatcher {
    /// How a run left the watcher.
    enum End {
        case published(RunEntry)
        /// Trained; what is in the way of publishing it.
        case trained(RunEntry, notes: String)
        case failed(RunEntry)
        /// It stopped at a checkpoint, and somebody has to let it go on.
        case paused(RunEntry)
        /// The ledger gave it to somebody else, or to nobody.
        case lost(RunEntry?)
        /// Its supervisor cannot go on; what it said last.
        case stuck(String)
        /// Somebody asked to leave; the run goes on.
        case left
    }

    let home: Home
    let supervisors: SupervisorProcess
    let machine: Planning.Machine
    let now: () -> Timestamp
    let reporter: ApplyReporter

    /// Supervisors that may die without getting the run any further.
    private static let patience = 5

    func follow(_ name: ResourceName, _ fingerprint: Fingerprint, in folder: RunFolder) throws -> End {
        // Whoever applies wants the run to go on.
        try folder.forgetPause()
        var deaths = 0
        var furthest = -1
        while true {
            let child = try supervisors.spawnUnlessAlive(folder)
            guard let summary = try watch(name, folder, child) else { return .left }
            let entry = try home.ledger.read().entries[fingerprint]
            if let end = end(entry, folder, child) { return end }
            deaths = summary.furthest > furthest ? 0 : deaths + 1
            furthest = max(furthest, summary.furthest)
            if deaths >= Self.patience { return .stuck(lastWords(folder)) }
        }
    }

    /// Shows events until the supervisor is gone; nothing where somebody asked to leave first.
    private func watch(_ name: ResourceName, _ folder: RunFolder, _ child: ChildProcess?) throws -> TrainingSummary? {
        let changes = ChangeWatch(folders: [folder.path])
        var reader = EventReader(folder.events)
        var summary = TrainingSummary()
        var renewed = MonotonicClock.now
        var told = 0
        while true {
            let isOver = try child.map { try $0.poll() != nil } ?? folder.isFree()
            for event in try reader.next() { summary.add(event) }
            reporter.progress(name, summary)
            let notices = folder.notices()
            for notice in notices.dropFirst(told) { reporter.say("\(name): \(notice)") }
            told = notices.count
            if isOver { return summary }
            switch reporter.wish() {
            case .watch: break
            case .pause: if !folder.isPauseWished { try folder.wishPause() }
            case .leave: return nil
            }
            if MonotonicClock.now - renewed > .seconds(Lease.claimRenewal) {
                renewed = MonotonicClock.now
                // A ledger that cannot be reached now keeps nobody from watching on.
                try? home.renewAll(by: machine, now: now())
            }
            changes.wait(timeout: .seconds(1), child: child)
        }
    }

    private func end(_ entry: RunEntry?, _ folder: RunFolder, _ child: ChildProcess?) -> End? {
        guard let entry else { return .lost(nil) }
        switch entry.state {
        case .published: return .published(entry)
        case .failed: return .failed(entry)
        case .trained: return verdict(child).map { _ in .trained(entry, notes: notes(folder)) }
        case .claimed, .started, .paused:
            guard entry.holder.id == machine.id else { return .lost(entry) }
            if entry.state == .paused, entry.pausedBy != nil || folder.isPauseWished { return .paused(entry) }
            return verdict(child) ?? 0 == 0 ? nil : .stuck(lastWords(folder))
        }
    }

    /// The status of a supervisor that has said all it had to; nothing where another one has to follow: where it was
    /// killed, was another apply's, or could not reach the remote.
    private func verdict(_ child: ChildProcess?) -> Int32? {
        guard let child, case .exited(let code)? = (try? child.poll()) ?? nil else { return nil }
        return [SupervisorProcess.busyStatus, SupervisorProcess.awayStatus].contains(code) ? nil : code
    }

    private func notes(_ folder: RunFolder) -> String {
        let bytes = (try? FileContents.readIfPresent(folder.path + "/notes")) ?? nil
        let notes = bytes.map { String(decoding: $0, as: UTF8.self) } ?? ""
        return notes.isEmpty ? lastWords(folder) : notes
    }

    private func lastWords(_ folder: RunFolder) -> String {
        let bytes = (try? FileContents.tail(folder.supervisorLog, limit: 2000)) ?? []
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        return lines.last.map(String.init) ?? "its supervisor ended without a word; see ftops logs"
    }
}
