//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Artifacts
internal import Datasets
internal import Git
internal import JSON
internal import POSIX
internal import Planning
internal import Resources
internal import Runs

/// Fills a run's folder with all that its supervisor and its trainer need.
struct RunPreparation {
    let workspace: Workspace
    let publishing: Publishing
    let store: ArtifactStore
    /// What the run may take and costs, and where its figures go.
    let terms: RunTerms
    /// The kind of device that this machine has for it.
    let device: Device.Kind

    func fill(
        _ folder: RunFolder,
        _ item: PlanItem,
        _ resolved: ResolvedFineTune,
        entry: RunEntry,
        parent: VersionRecord?,
        model: Model,
        push: Bool
    ) throws {
        guard let lock = try folder.tryLock() else { return }
        let run = RunID(rawValue: folder.id)
        let digests = try resolved.data.rowDigests()
        let rows = try store.put(name: "rows", parts: digests.forEachPart)
        var draft = RecordDraft.make(item, run: run, commit: entry.commit, rowDigests: rows.sha256)
        draft.inputs.parent?.version = parent?.id
        let supervision = try supervision(item, entry: entry, model: model, push: push, draft: draft)
        try folder.prepare(
            RunFolder.Inputs(
                job: try job(item, resolved, run: run),
                context: supervision.json,
                train: { try Self.write(resolved.data.train, to: $0) },
                validation: resolved.data.validation.map { rows in { try Self.write(rows, to: $0) } },
                parent: parent.map { version in { try store.materialize(version.weights, into: $0) } }
            ),
            holding: lock
        )
    }

    private func supervision(
        _ item: PlanItem,
        entry: RunEntry,
        model: Model,
        push: Bool,
        draft: VersionRecord
    ) throws -> Supervision {
        let settings = publishing.home.settings
        return Supervision(
            repository: workspace.repository.gitDirectory,
            identity: publishing.identity,
            remote: settings.remote,
            location: try settings.remote.map { try workspace.repository.folder(ofRemote: $0) },
            ledger: settings.ledger,
            branch: entry.branch,
            push: push && settings.push,
            store: store.location,
            pricePerHour: terms.pricePerHour,
            limits: terms.limits,
            tracking: terms.tracking,
            trainer: try workspace.places.launcher(),
            model: model,
            estimate: item.estimate?.forLedger ?? RunEntry.Estimate(),
            draft: draft
        )
    }

    static func write(_ rows: RenderedRows, to writer: RowWriter) throws {
        try rows.write { try writer.write(lines: $0) }
    }

    private func job(_ item: PlanItem, _ resolved: ResolvedFineTune, run: RunID) throws -> Job {
        let builder = JobBuilder(workspace: workspace, device: device)
        return try builder.job(item.fingerprint, item.request.inputs, resolved, item.request.evaluation, run: run)
    }
}

extension TrainingRequest {
    /// What an hour of its training costs; nothing where no price is known.
    var pricePerHour: Money? {
        pricePerGPUHour.map { $0.times(Double(gpus)) } ?? hardware?.pricePerMinute.map { $0.times(60) }
    }
}
