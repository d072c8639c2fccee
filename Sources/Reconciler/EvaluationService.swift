//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Backends
internal import POSIX
internal import Planning
package import Resources
package import Runs

/// Judges a published version on demand, and leaves repository, ledger and store as they are.
package struct EvaluationService {
    /// What differs from the evaluation that the manifests have.
    package struct Options: Sendable {
        /// What is measured instead.
        package var metrics: [Evaluation.Metric]?
        /// How many validation rows are answered at most.
        package var rows: Int?

        /// Makes options.
        package init(metrics: [Evaluation.Metric]? = nil, rows: Int? = nil) {
            self.metrics = metrics
            self.rows = rows
        }
    }

    /// What came of it.
    package struct Outcome: Sendable {
        /// The fine-tune whose rows and prompts were asked.
        package let fineTune: ResourceName
        /// Whether it asks for another training than the version's by now, so that the rows may have trained it.
        package let hasMoved: Bool
        /// What was measured; nothing where it was stopped.
        package let result: VersionRecord.EvaluationResult?
    }

    private let workspace: Workspace
    private let versions: VersionService

    /// Makes a service for a repository.
    package init(_ workspace: Workspace, _ versions: VersionService) {
        self.workspace = workspace
        self.versions = versions
    }

    /// Judges a version by the evaluation that its fine-tune has in the checked-out commit.
    package func evaluate(
        _ record: VersionRecord,
        _ options: Options = Options(),
        progress: (TrainerEvent) -> Void,
        shouldStop: () -> Bool
    ) throws -> Outcome {
        let resolved = try fineTune(of: record)
        let request = resolved.request
        var subject = VersionJudge.Subject(
            record: record,
            inputs: record.inputs,
            resolved: resolved,
            evaluation: try evaluation(of: request, options),
            parent: try parent(of: record)
        )
        if let rows = options.rows { subject.answeredRows = rows }
        let devices = try DeviceSurvey(environment: ProcessEnvironment.variables).devices()
        let judge = VersionJudge(workspace: workspace, store: versions.store, devices: devices)
        let told: (TrainerNotice) -> Void = { if case .event(let timed) = $0 { progress(timed.event) } }
        let result: VersionRecord.EvaluationResult? =
            switch try judge.judge(subject, notify: told, shouldStop: shouldStop) {
            case .judged(let judged): judged
            case .stopped: nil
            case .busy: throw ReconcilerError(.repository, "another ftops evaluates \(record.label) now")
            case .failed(_, let message):
                throw ReconcilerError(.damaged, "\(record.label) could not be evaluated: \(message)")
            }
        let hasMoved =
            record.inputs.train != request.inputs.train || record.inputs.validation != request.inputs.validation
        return Outcome(fineTune: request.fineTune, hasMoved: hasMoved, result: result)
    }

    /// The fine-tune that a version is of, as the commit has it now.
    private func fineTune(of record: VersionRecord) throws -> ResolvedFineTune {
        let known = versions.fineTunes
        guard let name = record.fineTunes.first(where: known.contains) else {
            let names = record.fineTunes.map(\.rawValue).joined(separator: ", ")
            throw ReconcilerError(
                .unknownName,
                "\(record.label) is of \(names), which no manifest has any more: nothing says what to evaluate it on"
            )
        }
        guard let resolved = try PlanService(workspace).resolve(at: .head, only: [name])[name] else {
            throw ReconcilerError(.unknownName, "there is nothing to evaluate \(name) on")
        }
        return resolved
    }

    private func evaluation(of request: TrainingRequest, _ options: Options) throws -> Evaluation {
        guard var evaluation = request.evaluation ?? options.metrics.map({ Evaluation(metrics: $0) }) else {
            throw ReconcilerError(
                .invalid,
                "fine-tune \(request.fineTune) has no evaluation; say what to measure, such as --metrics loss,rougeL"
            )
        }
        if let metrics = options.metrics {
            evaluation.metrics = metrics
            evaluation.gate = evaluation.gate.filter { gate in metrics.contains { $0.rawValue == gate.metric } }
        }
        return evaluation
    }

    private func parent(of record: VersionRecord) throws -> VersionRecord? {
        guard let parent = record.inputs.parent else { return nil }
        guard let version = try versions.all().first(where: { $0.id == parent.version }) else {
            throw ReconcilerError(
                .unknownName,
                "\(record.label) goes on from a version of \(parent.fineTune) that is not in the checked-out commit"
            )
        }
        return version
    }
}
