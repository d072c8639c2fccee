//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Ledger
internal import POSIX
internal import Planning
internal import Resources

/// A run that another machine holds: waits for it where that was asked for, and takes it where the rules allow that.
struct Takeover {
    /// What became of the run.
    enum Outcome {
        /// This machine holds it now, or may take it up.
        case mine(RunEntry)
        /// It ended there.
        case ended(RunEntry)
        /// It was given up there.
        case gone
        /// The other machine has it still.
        case held(RunEntry.Holder)
        /// Somebody asked to leave.
        case left
    }

    let home: Home
    let machine: Planning.Machine
    let now: () -> Timestamp
    let reporter: ApplyReporter
    /// The time by which the watching is measured, which no change of the date moves.
    var watching: () -> Duration = { MonotonicClock.now }
    /// Waits between two looks.
    var pause: () -> Void = { ChangeWatch(folders: []).wait(timeout: .seconds(5)) }

    func attempt(_ first: RunEntry, wait: Bool) throws -> Outcome {
        var seen = first
        var since = watching()
        while true {
            guard let entry = try home.ledger.read().entries[first.fingerprint] else { return .gone }
            if entry != seen { (seen, since) = (entry, watching()) }
            switch entry.state {
            case .trained, .published, .failed: return .ended(entry)
            case .claimed, .started, .paused: break
            }
            if entry.holder.id == machine.id { return .mine(entry) }
            if LedgerTransition.mayTakeStarted(entry, by: machine, now: now()) { return .mine(entry) }
            let watched = Watch(entry: seen, seconds: (watching() - since).components.seconds)
            if let taken = try take(entry, watched) { return .mine(taken) }
            guard wait || isExpiredClaim(entry) else { return .held(entry.holder) }
            if reporter.shouldLeave() { return .left }
            pause()
        }
    }

    /// Whether it is worth watching: the lease is long over, so that only the minutes of watching are missing.
    private func isExpiredClaim(_ entry: RunEntry) -> Bool {
        guard entry.state == .claimed, let until = entry.holder.until else { return false }
        return until.advanced(by: Lease.claimGrace) < now()
    }

    private func take(_ entry: RunEntry, _ watched: Watch) throws -> RunEntry? {
        guard LedgerTransition.mayTakeClaimed(entry, watched: watched, by: machine, now: now()) else { return nil }
        let snapshot = try home.ledger.step(message: "take over \(entry.fingerprint.short)", now: now()) { snapshot in
            let present = snapshot.entries[entry.fingerprint]
            let taken = try? LedgerTransition.takeOverClaimed(present, watched: watched, by: machine, now: now())
            return taken.map { [entry.fingerprint: $0] } ?? [:]
        }
        return snapshot.entries[entry.fingerprint].flatMap { $0.holder.id == machine.id ? $0 : nil }
    }
}
