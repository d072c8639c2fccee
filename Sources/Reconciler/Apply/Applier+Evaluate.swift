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
internal import POSIX
internal import Planning
internal import Resources
internal import Runs

extension Applier {
    /// Judges a version anew whose evaluation was changed; nothing is trained.
    func evaluate(_ item: PlanItem, _ record: VersionRecord) throws -> ApplyResult {
        guard let evaluation = item.request.evaluation, let name = item.fineTunes.first,
            let resolved = planned.resolved[name]
        else { return result(item, .skipped, "there is nothing to evaluate") }
        reporter.say("evaluating \(Self.label(record))")
        let folder = RunFolder(
            path: workspace.places.cache + "/evaluations/\(record.id.short)-\(evaluation.digest.short)"
        )
        try folder.make()
        guard let lock = try folder.tryLock() else {
            return result(item, .skipped, "another ftops evaluates it; run ftops apply again")
        }
        try prepare(folder, item, resolved, evaluation, lock)
        let adapter = folder.path + "/adapter"
        try store.materialize(record.weights, into: adapter)
        let node = NodeBackend(
            launcher: TrainerLauncher(path: try workspace.places.launcher()),
            deviceFolder: try DeviceLocks.folder(environment: ProcessEnvironment.variables)
        )
        switch try node.evaluate(folder, adapter: adapter, notify: { _ in }, shouldStop: reporter.shouldLeave) {
        case nil, .completed: break
        case .stopped: return result(item, .notStarted, "left; run ftops apply again to evaluate")
        case .failed(let kind, let message):
            var failed = result(item, .failed, "\(message); see \(folder.log)")
            failed.failure = kind
            return failed
        }
        guard let judged = try folder.readEvaluation(digest: evaluation.digest) else {
            return result(item, .failed, "the trainer left no evaluation; see \(folder.log)")
        }
        try Folder.remove(folder.path)
        var extended = record
        extended.evaluation = judged
        return account(item, extended, try publish(extended, for: item, isExtension: true))
    }

    private func prepare(
        _ folder: RunFolder,
        _ item: PlanItem,
        _ resolved: ResolvedFineTune,
        _ evaluation: Evaluation,
        _ lock: FileLock
    ) throws {
        let preparation = RunPreparation(workspace: workspace, home: home, store: store)
        try folder.prepare(
            RunFolder.Inputs(
                job: try preparation.job(item, resolved, run: RunID(rawValue: folder.id)),
                context: .null,
                train: { _ in },
                validation: resolved.data.validation.map { rows in { try RunPreparation.write(rows, to: $0) } }
            ),
            holding: lock
        )
    }
}
