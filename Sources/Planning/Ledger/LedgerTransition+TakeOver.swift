//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

// When one machine goes on with what another one holds.

extension LedgerTransition {
    /// claimed to claimed by another holder, once its lease is long over and nobody touched the entry for minutes.
    ///
    /// A run that somebody asked to cancel is not gone on with: it fails with class `cancelled`. A started run is
    /// taken with `takeOverStarted`.
    package static func takeOverClaimed(
        _ entry: RunEntry?,
        watched: Watch,
        by machine: Machine,
        now: Timestamp
    ) throws(LedgerRefusal) -> RunEntry {
        guard var entry else { throw LedgerRefusal(.absent) }
        guard entry.state == .claimed, mayTakeClaimed(entry, watched: watched, by: machine, now: now) else {
            throw refusal(entry, machine)
        }
        if entry.isCancelRequested { return failed(entry, cancelled) }
        entry.holder = machine.holding(until: now.advanced(by: Lease.claim))
        return entry
    }

    /// started to started by another holder with a new attempt, once its lease ran out or it was said to be lost.
    ///
    /// A run that somebody asked to cancel is not gone on with: it fails with class `cancelled`.
    package static func takeOverStarted(
        _ entry: RunEntry?,
        backend: FineTune.Backend,
        estimate: RunEntry.Estimate,
        by machine: Machine,
        lost: LostAttempts = LostAttempts(),
        now: Timestamp
    ) throws(LedgerRefusal) -> RunEntry {
        guard var entry else { throw LedgerRefusal(.absent) }
        guard mayTakeStarted(entry, by: machine, now: now) else { throw refusal(entry, machine) }
        lost.end(&entry, by: machine, now: now)
        if entry.isCancelRequested { return failed(entry, cancelled) }
        return attempting(entry, backend: backend, estimate: estimate, by: machine, now: now)
    }

    /// A person says that the holder will not come back: its lease is over at once.
    package static func resolveLost(_ entry: RunEntry?, now: Timestamp) throws(LedgerRefusal) -> RunEntry {
        guard var entry else { throw LedgerRefusal(.absent) }
        switch entry.state {
        case .claimed, .started, .paused:
            let over = now.advanced(by: -Lease.claimGrace - 1)
            entry.holder.until = min(entry.holder.until ?? over, over)
            return entry
        case .trained, .published, .failed:
            throw LedgerRefusal(.wrongState(entry.state))
        }
    }

    /// Whether another machine's claim may be taken; not while it is to be paused.
    package static func mayTakeClaimed(
        _ entry: RunEntry,
        watched: Watch,
        by machine: Machine,
        now: Timestamp
    ) -> Bool {
        guard entry.state == .claimed, entry.holder.id != machine.id, entry.pausedBy == nil,
            let until = entry.holder.until
        else { return false }
        return until.advanced(by: Lease.claimGrace) < now && watched.entry == entry && watched.seconds >= Lease.watch
    }

    /// Whether another machine's started run may be taken; not while it is to be paused. One that is paused has no
    /// lease unless it was said to be lost.
    package static func mayTakeStarted(_ entry: RunEntry, by machine: Machine, now: Timestamp) -> Bool {
        guard entry.state == .started || entry.state == .paused, entry.holder.id != machine.id,
            entry.pausedBy == nil, let until = entry.holder.until
        else { return false }
        return until < now
    }

    /// Why a run failed that somebody asked to cancel.
    package static var cancelled: RunEntry.Failure {
        RunEntry.Failure(kind: cancelledKind, message: "cancelled on request")
    }
}
