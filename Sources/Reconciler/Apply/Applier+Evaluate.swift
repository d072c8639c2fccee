//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Artifacts
internal import Backends
internal import Datasets
internal import Digest
internal import JSON
internal import Ledger
internal import POSIX
internal import Planning
internal import Resources
internal import Runs

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
        let folder = RunFolder(
            path: workspace.places.cache + "/evaluations/\(record.id.short)-\(evaluation.digest.short)"
        )
        try folder.make()
        guard let lock = try folder.tryLock() else {
            return .ended(result(item, .skipped, "another ftops evaluates it; run ftops apply again"))
        }
        try prepare(folder, item, resolved, evaluation, lock)
        let adapter = folder.path + "/adapter"
        try store.materialize(record.weights, into: adapter)
        let node = NodeBackend(
            launcher: TrainerLauncher(path: try workspace.places.launcher()),
            devices: try devices(),
            deviceFolder: try DeviceLock.folder(environment: ProcessEnvironment.variables)
        )
        switch try node.evaluate(folder, adapter: adapter, notify: { _ in }, shouldStop: reporter.shouldLeave) {
        case nil, .completed: break
        case .stopped: return .ended(result(item, .notStarted, "left; run ftops apply again to evaluate"))
        case .failed(let kind, let message):
            var failed = result(item, .failed, "\(message); see \(folder.log)")
            failed.failure = kind
            return .ended(failed)
        }
        guard let judged = try folder.readEvaluation(digest: evaluation.digest) else {
            return .ended(result(item, .failed, "the trainer left no evaluation; see \(folder.log)"))
        }
        try Folder.remove(folder.path)
        return .judged(judged)
    }

    private func prepare(
        _ folder: RunFolder,
        _ item: PlanItem,
        _ resolved: ResolvedFineTune,
        _ evaluation: Evaluation,
        _ lock: FileLock
    ) throws {
        let parent = try parent(of: item)
        let preparation = RunPreparation(
            workspace: workspace,
            publishing: publishing,
            store: store,
            device: try kind()
        )
        try folder.prepare(
            RunFolder.Inputs(
                job: try preparation.job(item, resolved, run: RunID(rawValue: folder.id)),
                context: .null,
                train: { _ in },
                validation: resolved.data.validation.map { rows in { try RunPreparation.write(rows, to: $0) } },
                parent: parent.map { version in { [store] in try store.materialize(version.weights, into: $0) } }
            ),
            holding: lock
        )
    }
}
