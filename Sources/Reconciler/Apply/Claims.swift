//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Ledger
internal import Planning
internal import Resources

/// Claims of an `apply`: one step of the ledger for as many runs as this machine can start within the hour.
struct Claims {
    let home: Home
    let machine: Planning.Machine
    let retryFailed: Bool
    /// The runs as the plan saw them that found weights lost: what was published since is not trained again.
    let replaceable: [Fingerprint: RunEntry]
    /// What the runs of a month may cost, and where Project says that.
    let spending: (limit: Money, range: SourceRange?)?
    let now: () -> Timestamp

    /// Seconds of estimated work that are claimed together.
    private static let horizon: Double = 3600

    private struct Claim {
        let item: PlanItem
        let entry: RunEntry
        let isNew: Bool
    }

    /// What an `apply` would hold of its items at a tip.
    private struct Choice {
        var claims: [Claim] = []
        /// What keeps items from being claimed though they may be had.
        var blocks: [Fingerprint: Action.Block] = [:]

        var fresh: [PlanItem] { claims.filter(\.isNew).map(\.item) }
    }

    /// Claims those of the items that may be had, that the month's budget has room for, and that can start within the
    /// hour when they are done in their order. Says what keeps the first of them from being claimed.
    func take(_ items: [PlanItem], commit: String, branch: String) throws -> Action.Block? {
        let first = items.first?.fingerprint
        var wanted = choose(items, try home.ledger.read(), commit, branch)
        while !wanted.fresh.isEmpty {
            var present = Choice()
            let fresh = wanted.fresh
            let names = fresh.flatMap(\.fineTunes).map(\.rawValue).joined(separator: ", ")
            try home.ledger.step(message: "claim \(names)", now: now()) { snapshot in
                present = choose(items, snapshot, commit, branch)
                // The step says what it claims, so one that claims something else is another step.
                guard present.fresh == fresh else { return [:] }
                return Dictionary(present.claims.map { ($0.item.fingerprint, $0.entry) }) { first, _ in first }
            }
            if present.fresh == fresh { return first.flatMap { present.blocks[$0] } }
            wanted = present
        }
        return first.flatMap { wanted.blocks[$0] }
    }

    /// What this machine would hold of the items: those that it has, and those that it may claim.
    private func choose(_ items: [PlanItem], _ snapshot: LedgerSnapshot, _ commit: String, _ branch: String) -> Choice {
        var ahead: Double = 0
        var choice = Choice()
        var month = spending.map { MonthBudget(limit: $0.limit, entries: snapshot.entries.values, now: now()) }
        for item in items {
            let present = snapshot.entries[item.fingerprint]
            let isOwn = present?.holder.id == machine.id
            guard isOwn || ahead <= Self.horizon else { continue }
            let claimed = try? claim(item, present, commit, branch)
            let isNew = claimed != nil && present?.state != .claimed
            if isNew, let cost = item.estimate?.cost, let left = month, month?.take(cost) == false {
                choice.blocks[item.fingerprint] = left.block(cost, at: spending?.range)
                continue
            }
            if claimed != nil && !item.action.isReuse || isOwn && present?.state == .started {
                ahead += item.estimate?.seconds ?? .infinity
            }
            guard let claimed else { continue }
            choice.claims.append(Claim(item: item, entry: claimed, isNew: isNew))
        }
        return choice
    }

    private func claim(_ item: PlanItem, _ present: RunEntry?, _ commit: String, _ branch: String) throws -> RunEntry {
        try LedgerTransition.claim(
            present,
            for: RunPurpose(
                fingerprint: item.fingerprint,
                fineTunes: item.fineTunes,
                model: item.destination,
                commit: commit,
                branch: branch,
                estimate: item.estimate?.forLedger
            ),
            retryFailed: retryFailed,
            replacing: present.flatMap { replaceable[$0.fingerprint] == $0 ? $0.version?.id : nil },
            by: machine,
            now: now()
        )
    }
}
