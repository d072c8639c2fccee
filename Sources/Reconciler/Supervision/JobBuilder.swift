//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Datasets
internal import Git
internal import POSIX
internal import Planning
internal import Resources
internal import Runs

/// Makes what a trainer is told of a run.
struct JobBuilder {
    let workspace: Workspace
    /// The kind of device that this machine has for it.
    let device: Device.Kind

    func job(
        _ fingerprint: Fingerprint,
        _ inputs: VersionRecord.Inputs,
        _ resolved: ResolvedFineTune,
        _ evaluation: Evaluation?,
        answeredRows: Int = EvaluationJob.answeredRows,
        run: RunID
    ) throws -> Job {
        Job(
            run: run.rawValue,
            fingerprint: fingerprint,
            base: try base(inputs),
            hasValidation: resolved.data.validation != nil,
            parameters: inputs.parameters,
            device: device,
            threads: POSIX.Machine.processors,
            evaluation: try evaluation.map {
                var job = try EvaluationJob.make(
                    $0,
                    template: resolved.template,
                    stop: resolved.request.inputs.stop
                )
                job.validationRows = answeredRows
                return job
            }
        )
    }

    private func base(_ inputs: VersionRecord.Inputs) throws -> TrainerBase {
        guard let source = inputs.baseSource else {
            throw ReconcilerError(.repository, "base model \(inputs.base) has no source for the node")
        }
        return TrainerBase(
            source,
            name: inputs.base,
            identity: inputs.baseIdentity,
            repository: workspace.repository.workTree ?? workspace.repository.gitDirectory,
            adapter: inputs.parent.map { _ in RunFolder.parentName }
        )
    }
}
