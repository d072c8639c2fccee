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
    let now: () -> Timestamp

    /// Seconds of estimated work that are claimed together.
    private static let horizon: Double = 3600

    private struct Claim {
        let item: PlanItem
        let entry: RunEntry
        let isNew: Bool
    }

    /// Claims those of the items that may be had and can start within the hour when they are done in their order.
    func take(_ items: [PlanItem], commit: String, branch: String) throws {
        var wanted = choose(items, try home.ledger.read(), commit, branch)
        while wanted.contains(where: \.isNew) {
            var present: [Claim] = []
            let fresh = wanted.filter(\.isNew).map(\.item)
            let names = fresh.flatMap(\.fineTunes).map(\.rawValue).joined(separator: ", ")
            try home.ledger.step(message: "claim \(names)", now: now()) { snapshot in
                present = choose(items, snapshot, commit, branch)
                // The step says what it claims, so one that claims something else is another step.
                guard present.filter(\.isNew).map(\.item) == fresh else { return [:] }
                return Dictionary(present.map { ($0.item.fingerprint, $0.entry) }) { first, _ in first }
            }
            if present.filter(\.isNew).map(\.item) == fresh { return }
            wanted = present
        }
    }

    /// What this machine would hold of the items: those that it has, and those that it may claim.
    private func choose(_ items: [PlanItem], _ snapshot: LedgerSnapshot, _ commit: String, _ branch: String) -> [Claim]
    {
        var ahead: Double = 0
        var chosen: [Claim] = []
        for item in items {
            let present = snapshot.entries[item.fingerprint]
            let isOwn = present?.holder.id == machine.id
            guard isOwn || ahead <= Self.horizon else { continue }
            let claimed = try? LedgerTransition.claim(
                present,
                for: RunPurpose(
                    fingerprint: item.fingerprint,
                    fineTunes: item.fineTunes,
                    model: item.destination,
                    commit: commit,
                    branch: branch
                ),
                retryFailed: retryFailed,
                by: machine,
                now: now()
            )
            if claimed != nil || isOwn && present?.state == .started { ahead += item.estimate?.seconds ?? .infinity }
            guard let claimed else { continue }
            chosen.append(Claim(item: item, entry: claimed, isNew: present?.state != .claimed))
        }
        return chosen
    }
}
