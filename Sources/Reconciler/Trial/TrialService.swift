//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Artifacts
internal import Backends
internal import Datasets
internal import Git
internal import JSON
internal import POSIX
internal import Planning
internal import Resources
internal import Runs

/// Tries what a plan would train: a few steps on a sample of its rows, of which nothing is left but what they took.
///
/// Neither the repository nor the ledger changes, and no version is made.
package struct TrialService {
    /// The steps that are taken of each.
    package static let steps = 50
    /// Validation rows that are measured.
    private static let validationRows = 16
    /// Of the longest rows so many are taken at most: more say nothing more about memory.
    private static let longestRows = 64

    private let workspace: Workspace
    private let planned: Planned
    private let reporter: ApplyReporter

    /// Makes a service for what a plan says.
    package init(_ workspace: Workspace, _ planned: Planned, reporter: ApplyReporter) {
        self.workspace = workspace
        self.planned = planned
        self.reporter = reporter
    }

    /// Tries one after the other, until somebody wants it to stop.
    package func run() -> [TrialOutcome] {
        var outcomes: [TrialOutcome] = []
        for item in planned.plan.items where Self.trains(item) {
            if reporter.shouldLeave() {
                outcomes.append(outcome(item, .stopped))
            } else {
                outcomes.append(guarded(item))
            }
        }
        return outcomes
    }

    /// Whether an item would be trained, now or once a budget or a window lets it.
    private static func trains(_ item: PlanItem) -> Bool {
        switch item.action {
        case .create, .update, .failed: true
        case .blocked(let block): block.kind == .budget || block.kind == .window
        case .reuse, .evaluate, .configure, .upToDate, .inProgress, .unknown, .drifted, .orphaned: false
        }
    }

    /// What goes wrong with one is its own outcome, and the others are tried all the same.
    private func guarded(_ item: PlanItem) -> TrialOutcome {
        do {
            return try attempt(item)
        } catch {
            return outcome(item, .failed(kind: "error", message: "\(error)"))
        }
    }

    private func attempt(_ item: PlanItem) throws -> TrialOutcome {
        guard let resolved = item.fineTunes.first.flatMap({ planned.resolved[$0] }) else {
            return outcome(item, .skipped("its data is not at hand"))
        }
        let parent = item.request.inputs.parent
        let version = parent.flatMap { parent in planned.versions.first { $0.fingerprint == parent.fingerprint } }
        if let parent, version == nil {
            return outcome(item, .skipped("its base \(parent.fineTune) is not trained yet"))
        }
        let folder = RunFolder(path: "\(workspace.places.state)/trials/\(item.fingerprint.short)")
        guard let lock = try folder.tryLock() else { return outcome(item, .skipped("another ftops tries it now")) }
        return try withExtendedLifetime(lock) {
            // Of an earlier trial that was killed, the trainer may go on.
            let node = try node()
            try node.endPrevious(folder, notify: { _ in })
            try prepare(folder, item, resolved, parent: version, for: node.devices, lock)
            return try train(item, in: folder, on: node)
        }
    }

    private func outcome(_ item: PlanItem, _ result: TrialOutcome.Result) -> TrialOutcome {
        TrialOutcome(fineTunes: item.fineTunes, result: result, before: item.estimate, estimate: nil)
    }

    // MARK: The trainer

    private func node() throws -> NodeBackend {
        NodeBackend(
            launcher: TrainerLauncher(path: try workspace.places.launcher()),
            devices: try DeviceSurvey(environment: ProcessEnvironment.variables).devices(),
            deviceFolder: try DeviceLock.folder(environment: ProcessEnvironment.variables)
        )
    }

    private func train(_ item: PlanItem, in folder: RunFolder, on node: NodeBackend) throws -> TrialOutcome {
        var summary = TrainingSummary()
        var began = MonotonicClock.now
        var isWaiting = false
        let name = item.fineTunes.first ?? ResourceName(rawValue: folder.id)
        let end = try node.carry(
            folder,
            notify: { notice in
                switch notice {
                case .event(let timed):
                    summary.add(timed)
                    // What is fetched or converted once is no part of what a start takes.
                    if case .preparing = timed.event { began = MonotonicClock.now }
                case .spawned: began = MonotonicClock.now
                case .waiting(let devices, _):
                    guard !isWaiting else { return }
                    isWaiting = true
                    reporter.say("waiting for \(devices.map(\.description).joined(separator: " or "))")
                case .endingPrevious, .restarting: break
                }
                reporter.progress(name, summary)
            },
            shouldStop: reporter.shouldLeave
        )
        switch end {
        case .completed: return try measured(item, folder, summary, seconds: (MonotonicClock.now - began) / .seconds(1))
        case .stopped:
            try Folder.remove(folder.path)
            return outcome(item, .stopped)
        case .failed(let kind, let message):
            try leaveLog(of: folder)
            return outcome(item, .failed(kind: kind, message: "\(message); see \(folder.log)"))
        }
    }

    private func measured(
        _ item: PlanItem,
        _ folder: RunFolder,
        _ summary: TrainingSummary,
        seconds: Double
    ) throws -> TrialOutcome {
        guard let training = summary.training, training.seconds > 0, training.tokens > 0 else {
            return outcome(item, .failed(kind: "trainer", message: "it did not say what it took; see \(folder.log)"))
        }
        let trial = Trial(
            steps: training.steps,
            tokensPerSecond: Double(training.tokens) / training.seconds,
            startup: max(0, seconds - training.seconds)
        )
        try TrialNotes(state: workspace.places.state).keep(trial, of: item.fingerprint)
        try Folder.remove(folder.path)
        return TrialOutcome(
            fineTunes: item.fineTunes,
            result: .tried(trial, summary),
            before: item.estimate,
            estimate: item.estimate.map { Estimator.estimate($0, of: item.request, by: trial) }
        )
    }

    // MARK: Its folder

    /// A fresh folder with a job of a few steps, which shall not end before them.
    private func prepare(
        _ folder: RunFolder,
        _ item: PlanItem,
        _ resolved: ResolvedFineTune,
        parent: VersionRecord?,
        for devices: [Device],
        _ lock: FileLock
    ) throws {
        try leaveLog(of: folder)
        let builder = JobBuilder(workspace: workspace, device: devices.contains(.cpu) ? .cpu : .cuda)
        let steps = min(Self.steps, item.estimate?.steps ?? Self.steps)
        var inputs = item.request.inputs
        inputs.parameters["max_steps"] = .integer(steps)
        inputs.parameters["early_stopping_patience"] = nil
        let data = resolved.data
        let batch = Self.rows(ofStep: inputs.parameters, data.train)
        let (wanted, isMore) = steps.multipliedReportingOverflow(by: batch)
        let longest = min(batch, Self.longestRows)
        let train = try TrialSample(of: data.train, wanted: isMore ? Int.max : wanted, longest: longest)
        let store = workspace.store(planned.desired.project)
        try folder.prepare(
            RunFolder.Inputs(
                job: try builder.job(item.fingerprint, inputs, resolved, nil, run: RunID(rawValue: folder.id)),
                context: .null,
                train: { try train.write(data.train, to: $0) },
                validation: try data.validation.map { rows in
                    let sample = try TrialSample(of: rows, wanted: Self.validationRows, longest: 1)
                    return { try sample.write(rows, to: $0) }
                },
                parent: parent.map { version in { try store.materialize(version.weights, into: $0) } }
            ),
            holding: lock
        )
    }

    private func leaveLog(of folder: RunFolder) throws {
        let kept = [Folder.name(of: folder.log), "run.lock", Folder.name(of: folder.trainerLock)]
        for name in try Folder.names(in: folder.path) where !kept.contains(name) {
            try Folder.remove(folder.path + "/" + name)
        }
    }

    /// About how many rows go into a step: as many as the batch says, or as fill so many packs.
    private static func rows(ofStep parameters: ParameterValues, _ rows: RenderedRows) -> Int {
        guard case .integer(let batch)? = parameters["train_batch_size"] else { return 1 }
        guard parameters["pack_sequences"] == .bool(true), case .integer(let size)? = parameters["chunk_size"],
            rows.count > 0
        else { return batch }
        let (packed, isMore) = batch.multipliedReportingOverflow(by: max(1, size / max(1, rows.tokens / rows.count)))
        return isMore ? Int.max : packed
    }
}
