//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Planning
internal import Resources

/// The record of a version before its training: inputs and purpose are known, the outcome is not.
enum RecordDraft {
    /// A digest that stands for what is not known yet.
    static let unknown = ContentDigest(words: (0, 0, 0, 0))

    static func make(_ item: PlanItem, run: RunID, commit: String, rowDigests: ContentDigest) -> VersionRecord {
        var inputs = item.request.inputs
        inputs.rowDigests = rowDigests
        return VersionRecord(
            id: unknown,
            model: item.destination,
            fineTunes: item.fineTunes,
            fingerprint: item.fingerprint,
            trainer: TrainerNumber.current,
            commit: commit,
            run: run.rawValue,
            backend: item.request.backend,
            started: Timestamp(seconds: 0),
            ended: Timestamp(seconds: 0),
            cost: nil,
            attempts: 0,
            inputs: inputs,
            training: VersionRecord.Training(steps: 0, tokens: 0, seconds: 0, device: "cpu", dtype: "", threads: 0),
            evaluation: item.request.evaluation.map {
                VersionRecord.EvaluationResult(
                    digest: $0.digest,
                    base: VersionRecord.Score(),
                    version: VersionRecord.Score(),
                    answers: [],
                    gate: $0.gate.map { VersionRecord.Verdict(metric: $0.metric, condition: $0.condition) }
                )
            },
            losses: [],
            weights: [],
            software: [:]
        )
    }
}
