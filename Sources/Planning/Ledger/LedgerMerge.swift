//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// Two ledgers made one, and a ledger made anew from versions.
package enum LedgerMerge {
    /// The union of two ledgers: of a run that both have, the later state holds, and every attempt is kept.
    package static func union(
        _ left: [Fingerprint: RunEntry],
        _ right: [Fingerprint: RunEntry]
    ) -> [Fingerprint: RunEntry] {
        left.merging(right, uniquingKeysWith: later)
    }

    /// The later of two entries of one run, with the attempts of both.
    package static func later(_ left: RunEntry, _ right: RunEntry) -> RunEntry {
        var entry = rank(left).lexicographicallyPrecedes(rank(right)) ? right : left
        entry.attempts = attempts(left.attempts, right.attempts)
        entry.replaced = left.replaced.count < right.replaced.count ? right.replaced : left.replaced
        return entry
    }

    /// What the versions of branches say: each was published.
    package static func entries(from versions: [(branch: String, record: VersionRecord)]) -> [Fingerprint: RunEntry] {
        versions.reduce(into: [:]) { ledger, version in
            let entry = published(version.record, branch: version.branch)
            ledger[entry.fingerprint] = ledger[entry.fingerprint].map { later($0, entry) } ?? entry
        }
    }

    private static func published(_ record: VersionRecord, branch: String) -> RunEntry {
        let holder = HolderID(rawValue: "rebuilt")
        let attempt = RunEntry.Attempt(
            number: max(1, record.attempts),
            holder: holder,
            backend: record.backend,
            estimate: RunEntry.Estimate(),
            started: record.started,
            ended: record.ended,
            outcome: "completed",
            cost: record.cost
        )
        return RunEntry(
            state: .published,
            fingerprint: record.fingerprint,
            fineTunes: record.fineTunes,
            model: record.model,
            commit: record.commit,
            branch: branch,
            holder: RunEntry.Holder(id: holder, host: "rebuilt", until: nil),
            attempts: [attempt],
            version: record
        )
    }

    /// What says which of two entries is later: a result, then more attempts, then state and lease; the rest only
    /// makes the answer the same whichever comes first.
    private static func rank(_ entry: RunEntry) -> [String] {
        let result = entry.state == .published ? 2 : entry.state == .trained ? 1 : 0
        let order: [RunEntry.State] = [.claimed, .paused, .started, .failed, .trained, .published]
        // Of two results the one that ended first holds, as it would have at one ledger.
        let age = result > 0 ? -(entry.version?.ended.seconds ?? 0) : Int64(entry.attempts.count)
        // What was trained again is later than whatever it replaces.
        let numbers = [
            Int64(entry.replaced.count), Int64(result), age, Int64(order.firstIndex(of: entry.state) ?? 0),
            entry.holder.until?.seconds ?? 0,
        ]
        return numbers.map(sortable) + [
            entry.version?.id.rawValue ?? "", entry.holder.id.rawValue, request(entry),
            entry.branch, entry.commit, entry.model.description, entry.fineTunes.map(\.rawValue).joined(separator: ","),
            entry.failure?.kind ?? "", entry.failure?.message ?? "", entry.holder.host,
            entry.version?.evaluation?.digest.rawValue ?? "",
        ]
    }

    /// What ends a run holds against what lets it wait.
    private static func request(_ entry: RunEntry) -> String {
        switch entry.request {
        case .cancel: "2"
        case .pause(let person): "1\(person)"
        case nil: ""
        }
    }

    /// A number as a text that sorts as the number does.
    private static func sortable(_ value: Int64) -> String {
        let digits = String(UInt64(bitPattern: value) ^ (1 << 63), radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    private static func attempts(_ left: [RunEntry.Attempt], _ right: [RunEntry.Attempt]) -> [RunEntry.Attempt] {
        var all = left
        for attempt in right {
            let index = all.firstIndex { $0.number == attempt.number && $0.holder == attempt.holder }
            guard let index else {
                all.append(attempt)
                continue
            }
            all[index] = known(all[index], attempt)
        }
        return all.sorted { ($0.number, $0.holder.rawValue) < ($1.number, $1.holder.rawValue) }
    }

    /// Of two notes of one attempt, the one that knows more of its end.
    private static func known(_ left: RunEntry.Attempt, _ right: RunEntry.Attempt) -> RunEntry.Attempt {
        func knowledge(_ attempt: RunEntry.Attempt) -> [String] {
            let isLost = attempt.outcome == LedgerTransition.lostOutcome
            return [
                attempt.ended == nil ? "0" : isLost ? "1" : "2", sortable(attempt.cost?.micros ?? -1),
                sortable(attempt.ended?.seconds ?? 0), attempt.outcome ?? "", sortable(attempt.started.seconds),
                attempt.backend.rawValue, "\(attempt.estimate)",
            ]
        }
        return knowledge(left).lexicographicallyPrecedes(knowledge(right)) ? right : left
    }
}
