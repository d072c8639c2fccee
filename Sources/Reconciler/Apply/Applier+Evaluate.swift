//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Ledger
internal import Planning
internal import Resources

extension Applier {
    /// Gives a version whose evaluation was changed the one that is wanted; nothing is trained.
    ///
    /// It enters the ledger before it is committed: a version that is published again, here or elsewhere, has it.
    func evaluate(_ item: PlanItem, _ record: VersionRecord) throws -> ApplyResult {
        guard let evaluation = item.request.evaluation else { return result(item, .upToDate, Self.label(record)) }
        let known = try home.ledger.read().entries[record.fingerprint]?.version
        if let judged = known?.evaluation, known?.id == record.id, judged.digest == evaluation.digest {
            return try extend(record, judged, item)
        }
        switch try judge(item, record, evaluation) {
        case .ended(let result): return result
        case .judged(let judged):
            try home.ledger.step(message: "evaluate \(record.id.short)", now: workspace.now()) { snapshot in
                let entry = snapshot.entries[record.fingerprint]
                let extended = try? LedgerTransition.evaluated(entry, record.id, judged)
                return extended.map { [record.fingerprint: $0] } ?? [:]
            }
            return try extend(record, judged, item)
        }
    }

    private func extend(
        _ record: VersionRecord,
        _ evaluation: VersionRecord.EvaluationResult,
        _ item: PlanItem
    ) throws -> ApplyResult {
        var extended = record
        extended.evaluation = evaluation
        return account(item, extended, try publish(extended, for: item, as: .evaluation))
    }

    private enum Judgement {
        case judged(VersionRecord.EvaluationResult)
        case ended(ApplyResult)
    }

    /// Asks base and version by the trainer.
    private func judge(_ item: PlanItem, _ record: VersionRecord, _ evaluation: Evaluation) throws -> Judgement {
        guard let resolved = item.fineTunes.first.flatMap({ planned.resolved[$0] }) else {
            return .ended(result(item, .skipped, "there is nothing to evaluate"))
        }
        reporter.say("evaluating \(Self.label(record))")
        let subject = VersionJudge.Subject(
            record: record,
            inputs: item.request.inputs,
            resolved: resolved,
            evaluation: evaluation,
            parent: try parent(of: item)
        )
        let judge = VersionJudge(workspace: workspace, store: store, devices: try devices())
        switch try judge.judge(subject, shouldStop: reporter.shouldLeave) {
        case .judged(let judged): return .judged(judged)
        case .busy: return .ended(result(item, .skipped, "another ftops evaluates it; run ftops apply again"))
        case .stopped: return .ended(result(item, .notStarted, "left; run ftops apply again to evaluate"))
        case .failed(let kind, let message):
            var failed = result(item, .failed, message)
            failed.failure = kind
            return .ended(failed)
        }
    }
}
