//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Artifacts
internal import Backends
internal import Datasets
internal import JSON
internal import POSIX
internal import Planning
internal import Resources
internal import Runs

/// Judges a version beside its base by the trainer: inference only, and nothing outside the cache is written.
struct VersionJudge {
    /// What is judged, by what.
    struct Subject {
        /// The version.
        let record: VersionRecord
        /// What it was trained on: its base, and how rows become tokens.
        let inputs: VersionRecord.Inputs
        /// The fine-tune that has the rows and the template of the evaluation.
        let resolved: ResolvedFineTune
        let evaluation: Evaluation
        /// The version that its training went on from.
        let parent: VersionRecord?
        var answeredRows = EvaluationJob.answeredRows
    }

    enum Judgement {
        case judged(VersionRecord.EvaluationResult)
        case failed(kind: String?, message: String)
        case stopped
        /// Another process is at it.
        case busy
    }

    let workspace: Workspace
    let store: ArtifactStore
    let devices: [Device]

    func judge(
        _ subject: Subject,
        notify: (TrainerNotice) -> Void = { _ in },
        shouldStop: () -> Bool
    ) throws -> Judgement {
        let folder = folder(of: subject)
        try folder.make()
        guard let lock = try folder.tryLock() else { return .busy }
        try prepare(folder, subject, lock)
        let adapter = folder.path + "/adapter"
        try store.materialize(subject.record.weights, into: adapter)
        let node = NodeBackend(
            launcher: TrainerLauncher(path: try workspace.places.launcher()),
            devices: devices,
            deviceFolder: try DeviceLock.folder(environment: ProcessEnvironment.variables)
        )
        switch try node.evaluate(folder, adapter: adapter, notify: notify, shouldStop: shouldStop) {
        case nil, .completed: break
        case .stopped: return .stopped
        case .failed(let kind, let message): return .failed(kind: kind, message: "\(message); see \(folder.log)")
        }
        guard let judged = try folder.readEvaluation(digest: subject.evaluation.digest) else {
            return .failed(kind: nil, message: "the trainer left no evaluation; see \(folder.log)")
        }
        try Folder.remove(folder.path)
        return .judged(judged.judged(by: subject.evaluation.gate))
    }

    /// A folder for the version, what is asked of it and the rows that it is asked on, which never change in it.
    private func folder(of subject: Subject) -> RunFolder {
        let rows = subject.resolved.request.inputs.validation?.short ?? "none"
        let name = "\(subject.record.id.short)-\(subject.evaluation.digest.short)-\(rows)"
        return RunFolder(path: workspace.places.cache + "/evaluations/" + name)
    }

    private func prepare(_ folder: RunFolder, _ subject: Subject, _ lock: FileLock) throws {
        let builder = JobBuilder(workspace: workspace, device: devices.contains(.cpu) ? .cpu : .cuda)
        let job = try builder.job(
            subject.record.fingerprint,
            subject.inputs,
            subject.resolved,
            subject.evaluation,
            answeredRows: subject.answeredRows,
            run: RunID(rawValue: folder.id)
        )
        let validation = subject.resolved.data.validation
        try folder.prepare(
            RunFolder.Inputs(
                job: job,
                context: .null,
                train: { _ in },
                validation: validation.map { rows in { try RunPreparation.write(rows, to: $0) } },
                parent: subject.parent.map { version in { [store] in try store.materialize(version.weights, into: $0) }
                }
            ),
            holding: lock
        )
    }
}
