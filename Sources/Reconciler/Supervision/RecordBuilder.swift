//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Planning
internal import Resources
internal import Runs

/// Completes a version's record with what its training left in the run's folder.
struct RecordBuilder {
    let draft: VersionRecord
    let pricePerHour: Money?

    /// The record of a finished run; nothing where its events do not tell that it completed.
    func record(
        _ folder: RunFolder,
        weights: [VersionRecord.File],
        attempts: [RunEntry.Attempt],
        now: Timestamp
    ) throws -> VersionRecord? {
        let summary = try folder.summary()
        guard let training = summary.training else { return nil }
        var record = draft
        record.weights = weights.sorted { $0.name < $1.name }
        record.id = VersionIdentity.id(fingerprint: draft.fingerprint, weights: weights)
        record.started = attempts.first?.started ?? summary.begin ?? now
        record.ended = now
        record.attempts = max(attempts.count, 1)
        record.cost = cost(attempts, now: now)
        record.training = training
        record.losses = summary.losses()
        record.evaluation = try draft.evaluation.flatMap { asked in
            let gate = asked.gate.compactMap { Gate(metric: $0.metric, condition: $0.condition) }
            return try folder.readEvaluation(digest: asked.digest)?.judged(by: gate)
        }
        record.software = (summary.started?.versions ?? [:]).merging(["ftops": Release.version]) { $1 }
        return record
    }

    /// The record of a run that reuses what was trained for another repository: all that says what was asked for and by
    /// whom is this one's, and it costs nothing.
    func record(reusing stored: VersionRecord, now: Timestamp) -> VersionRecord {
        var record = draft
        (record.id, record.weights) = (stored.id, stored.weights)
        (record.backend, record.software) = (stored.backend, stored.software)
        (record.training, record.losses) = (stored.training, stored.losses)
        record.inputs.parent?.version = stored.inputs.parent?.version
        (record.started, record.ended) = (now, now)
        (record.attempts, record.cost) = (0, .zero)
        record.evaluation = stored.evaluation.flatMap { $0.digest == draft.evaluation?.digest ? $0 : nil }
        return record
    }

    /// What an attempt cost that began and ended at these times; nothing where no price is known.
    func cost(from started: Timestamp, to ended: Timestamp) -> Money? {
        LostAttempts.cost(pricePerHour, from: started, to: ended)
    }

    /// What all attempts cost; nothing where no price is known of any.
    private func cost(_ attempts: [RunEntry.Attempt], now: Timestamp) -> Money? {
        let costs = attempts.compactMap { $0.cost ?? cost(from: $0.started, to: $0.ended ?? now) }
        return costs.isEmpty ? nil : costs.reduce(.zero, +)
    }
}

extension RunPurpose {
    /// The purpose that a record says, for a run that the ledger does not know any more.
    init(_ record: VersionRecord, branch: String) {
        self.init(
            fingerprint: record.fingerprint,
            fineTunes: record.fineTunes,
            model: record.model,
            commit: record.commit,
            branch: branch
        )
    }
}
