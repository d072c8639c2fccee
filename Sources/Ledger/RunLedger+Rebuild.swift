//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Git
import Planning
package import Resources

extension RunLedger {
    /// Makes a lost or moved ledger anew, by `ftops doctor --fix`: from what is left of it, the copy that was last seen
    /// here, the repository's own one, what other copies of the remote have seen of it, and the versions of all branches.
    ///
    /// Of a run that several of them have, the later state holds. Where a copy is left its history goes on, so that
    /// runs keep their ids; the tips of other copies become further parents, so that a machine that has seen one of
    /// them finds it in the new ledger's history.
    @discardableResult
    package func rebuild(
        versions: [(branch: String, record: VersionRecord)],
        seenBy others: [GitRepository] = [],
        now: Timestamp
    ) throws -> LedgerSnapshot {
        for other in others { try takeOver(other) }
        var refusals = 0
        while true {
            if let after = try tryRebuild(versions, now: now) { return after }
            refusals += 1
            Self.pause(after: refusals)
        }
    }

    /// Takes over what another copy of the remote has seen of the ledger: as what was seen here where it goes on from
    /// that, else beside it.
    private func takeOver(_ other: GitRepository) throws {
        guard let seenReference, let tip = try other.reference(seenReference) else { return }
        try other.copy(tip, to: local)
        let before = try local.reference(seenReference)
        if let before, try local.isAncestor(tip, of: before) { return }
        let isLater = try before.map { try local.isAncestor($0, of: tip) } ?? true
        let name = isLater ? seenReference : Self.seenReference(of: "\(tip.short).copy")
        _ = try local.compareAndSwap(
            name,
            from: try local.reference(name),
            to: tip,
            message: "ftops: take over what another copy has seen"
        )
    }

    private func tryRebuild(
        _ versions: [(branch: String, record: VersionRecord)],
        now: Timestamp
    ) throws -> LedgerSnapshot? {
        let before = try home.reference(reference)
        let copies = try snapshots()
        for tip in copies.compactMap(\.tip) { try local.copy(tip, to: home) }
        let base = try before.map { try history(of: home).snapshot(at: $0) } ?? copies.first ?? .empty
        let entries = copies.map(\.entries).reduce(base.entries, LedgerMerge.union)
        let after = try history(of: home).commit(
            Self.publishing(versions, in: entries),
            on: base,
            folding: try unreached(copies.compactMap(\.tip), from: base.tip),
            as: LedgerStep(message: "rebuild the ledger", author: try author(now))
        )
        guard let tip = after?.tip ?? base.tip else { return .empty }
        let isMoved = try home.compareAndSwap(reference, from: before, to: tip, message: "ftops: rebuild the ledger")
        guard isMoved else { return nil }
        if remote != nil { try remember(tip) }
        if let own = try own() { try markMerged(own) }
        return after ?? base
    }

    /// What this repository has of the ledger beside its home: first the one that was last seen there, then those that
    /// were seen at other remotes.
    private func snapshots() throws -> [LedgerSnapshot] {
        let others = try copies().filter { $0.remote != remote?.name }.map(\.tip)
        return try ([try seen()] + others + [try own()]).compactMap { $0 }
            .map { try history(of: local).snapshot(at: $0) }
    }

    private func unreached(_ tips: [ObjectID], from base: ObjectID?) throws -> [ObjectID] {
        guard let base else { return [] }
        return try tips.filter { try !home.isAncestor($0, of: base) }
    }

    /// A run that is known already keeps its attempts, so that what they cost is counted once.
    private static func publishing(
        _ versions: [(branch: String, record: VersionRecord)],
        in entries: [Fingerprint: RunEntry]
    ) -> [Fingerprint: RunEntry] {
        LedgerMerge.entries(from: versions).reduce(into: entries) { entries, version in
            guard var entry = entries[version.key] else {
                entries[version.key] = version.value
                return
            }
            guard entry.state != .published else { return }
            let record = version.value.version
            let known = entry.attempts.dropLast().compactMap(\.cost).reduce(0) { $0 + $1.micros }
            if let last = entry.attempts.indices.last, entry.attempts[last].ended == nil {
                entry.attempts[last].ended = record?.ended
                entry.attempts[last].outcome = "completed"
                entry.attempts[last].cost = record?.cost.map { Money(micros: max(0, $0.micros - known)) }
            }
            (entry.state, entry.version, entry.failure, entry.request) = (.published, record, nil, nil)
            entries[version.key] = entry
        }
    }
}
