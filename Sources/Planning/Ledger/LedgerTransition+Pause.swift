//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

// How a run stops at a checkpoint, and what lets it go on.

extension LedgerTransition {
    /// The outcome of an attempt that stopped at a checkpoint.
    package static let pausedOutcome = "paused"

    /// Asks the holder to stop the run at a checkpoint, and everyone to leave it there until `resume`; done by anyone.
    package static func requestPause(_ entry: RunEntry?, by person: String) throws(LedgerRefusal) -> RunEntry {
        guard var entry else { throw LedgerRefusal(.absent) }
        switch entry.state {
        case .claimed, .started, .paused:
            if entry.isCancelRequested { throw LedgerRefusal(.requested(.cancel)) }
            if entry.pausedBy == nil { entry.request = .pause(by: person) }
            return entry
        case .trained, .published, .failed: throw LedgerRefusal(.wrongState(entry.state))
        }
    }

    /// Takes the request to pause back, so that the holder may go on; done by anyone.
    package static func resume(_ entry: RunEntry?) throws(LedgerRefusal) -> RunEntry {
        guard var entry else { throw LedgerRefusal(.absent) }
        switch entry.state {
        case .claimed, .started, .paused:
            if entry.isCancelRequested { throw LedgerRefusal(.requested(.cancel)) }
            entry.request = nil
            return entry
        case .trained, .published, .failed: throw LedgerRefusal(.wrongState(entry.state))
        }
    }

    /// started to paused, or claimed where it waits for its device, by its holder: the trainer is surely gone, and a
    /// checkpoint is there as far as the run has come. It keeps its holder and has no lease.
    ///
    /// `isWishedHere` says that `apply` asked for it on this machine; then the next `apply` here goes on. Else somebody
    /// must have asked for it in the ledger, and not have taken that back.
    package static func pause(
        _ entry: RunEntry?,
        end: AttemptEnd?,
        isWishedHere: Bool,
        by machine: Machine
    ) throws(LedgerRefusal) -> RunEntry {
        var entry = try held(entry, by: machine, in: [.claimed, .started, .paused])
        if entry.isCancelRequested { throw LedgerRefusal(.requested(.cancel)) }
        if entry.state == .paused { return entry }
        guard isWishedHere || entry.pausedBy != nil else { throw LedgerRefusal(.wrongState(entry.state)) }
        if let end { settle(&entry.attempts, end, by: machine) }
        entry.state = .paused
        entry.estimate = nil
        entry.holder.until = nil
        return entry
    }
}
