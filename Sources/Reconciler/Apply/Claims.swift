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

    /// Claims the first of the items, and further ones while they can start within the hour; gives those that are won.
    func take(_ items: ArraySlice<PlanItem>, commit: String, branch: String) throws -> [Fingerprint: RunEntry] {
        let wanted = startable(items)
        let names = wanted.map { $0.fineTunes.map(\.rawValue).joined(separator: ", ") }.joined(separator: ", ")
        let snapshot = try home.ledger.step(message: "claim \(names)", now: now()) { snapshot in
            var entries: [Fingerprint: RunEntry?] = [:]
            for item in wanted {
                let purpose = RunPurpose(
                    fingerprint: item.fingerprint,
                    fineTunes: item.fineTunes,
                    model: item.destination,
                    commit: commit,
                    branch: branch
                )
                let claimed = try? LedgerTransition.claim(
                    snapshot.entries[item.fingerprint],
                    for: purpose,
                    retryFailed: retryFailed,
                    by: machine,
                    now: now()
                )
                if let claimed { entries[item.fingerprint] = claimed }
            }
            return entries
        }
        return Dictionary(
            wanted.compactMap { item in snapshot.entries[item.fingerprint].map { (item.fingerprint, $0) } },
            uniquingKeysWith: { first, _ in first }
        )
    }

    private func startable(_ items: ArraySlice<PlanItem>) -> [PlanItem] {
        var ahead: Double = 0
        var chosen: [PlanItem] = []
        for item in items {
            if !chosen.isEmpty, ahead > Self.horizon { break }
            chosen.append(item)
            ahead += item.estimate?.seconds ?? .infinity
        }
        return chosen
    }
}
