//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

// How a finished training enters the ledger, and what becomes of one that came second.

extension LedgerTransition {
    /// To trained, with the whole record; the weights are durable in the store and were read back.
    ///
    /// The first to come wins, whoever holds the run and whatever state it is in, so that a finished result is never
    /// refused when nothing else was trained. An attempt that the ledger does not know is added to it.
    package static func trained(
        _ entry: RunEntry?,
        _ record: VersionRecord,
        end: AttemptEnd,
        for purpose: RunPurpose,
        by machine: Machine
    ) throws(LedgerRefusal) -> RunEntry {
        var result = entry ?? fresh(purpose, state: .trained, holder: machine.holding(until: nil))
        if entry != nil, let version = result.version {
            guard version.id == record.id else { throw LedgerRefusal(.trained(version.id)) }
            return result
        }
        settle(&result.attempts, end, by: machine)
        if !result.attempts.contains(where: { $0.number == end.number && $0.holder == machine.id }) {
            result.attempts.append(unknownAttempt(end, record, by: machine))
        }
        result.state = .trained
        result.estimate = nil
        result.version = record
        result.failure = nil
        result.request = nil
        result.holder = machine.holding(until: nil)
        return result
    }

    /// To trained, by the result that another repository of the same machine has left in the store: nothing is trained
    /// here, and nothing is paid. By whoever may start the run.
    package static func reused(
        _ entry: RunEntry?,
        _ record: VersionRecord,
        by machine: Machine,
        lost: LostAttempts = LostAttempts(),
        now: Timestamp
    ) throws(LedgerRefusal) -> RunEntry {
        guard var entry else { throw LedgerRefusal(.absent) }
        if entry.version?.id == record.id { return entry }
        if !mayTakeStarted(entry, by: machine, now: now) {
            entry = try held(entry, by: machine, in: [.claimed, .started, .paused])
        }
        if let request = entry.request { throw LedgerRefusal(.requested(request)) }
        lost.end(&entry, by: machine, now: now)
        entry.state = .trained
        entry.estimate = nil
        entry.version = record
        entry.failure = nil
        entry.holder = machine.holding(until: nil)
        return entry
    }

    /// trained to published: the commit is on the branch, of the remote where there is one; done by anyone.
    package static func published(
        _ entry: RunEntry?,
        _ id: VersionID,
        number: Int
    ) throws(LedgerRefusal) -> RunEntry {
        guard var entry else { throw LedgerRefusal(.absent) }
        guard let version = entry.version, entry.state == .trained || entry.state == .published else {
            throw LedgerRefusal(.wrongState(entry.state))
        }
        guard version.id == id else { throw LedgerRefusal(.trained(version.id)) }
        guard entry.state == .trained else { return entry }
        entry.state = .published
        entry.version?.number = number
        return entry
    }

    /// Keeps a later evaluation of the version, so that one that has to be published again has it too.
    package static func evaluated(
        _ entry: RunEntry?,
        _ id: VersionID,
        _ evaluation: VersionRecord.EvaluationResult
    ) throws(LedgerRefusal) -> RunEntry {
        guard var entry else { throw LedgerRefusal(.absent) }
        guard let version = entry.version else { throw LedgerRefusal(.wrongState(entry.state)) }
        guard version.id == id else { throw LedgerRefusal(.trained(version.id)) }
        entry.version?.evaluation = evaluation
        return entry
    }

    /// Writes how an attempt of this machine ended that another one overtook, so that its cost is never forgotten.
    package static func settled(
        _ entry: RunEntry?,
        end: AttemptEnd,
        by machine: Machine
    ) throws(LedgerRefusal) -> RunEntry {
        guard var entry else { throw LedgerRefusal(.absent) }
        settle(&entry.attempts, end, by: machine)
        return entry
    }

    private static func unknownAttempt(
        _ end: AttemptEnd,
        _ record: VersionRecord,
        by machine: Machine
    ) -> RunEntry.Attempt {
        RunEntry.Attempt(
            number: end.number,
            holder: machine.id,
            backend: record.backend,
            estimate: RunEntry.Estimate(),
            started: record.started,
            ended: end.ended,
            outcome: end.outcome,
            cost: end.cost
        )
    }
}
