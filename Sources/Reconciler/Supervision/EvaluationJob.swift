//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Datasets
internal import JSON
internal import Resources
internal import Runs

/// What a trainer is told of an evaluation: prompts rendered by the template, with the answer that each should have.
enum EvaluationJob {
    /// Validation rows that are answered; the loss is taken over all of them.
    static let answeredRows = 30
    /// Tokens that an answer has at most.
    static let answerTokens = 128

    static func make(_ evaluation: Evaluation, template: CompiledTemplate, stop: [String]) throws(ReconcilerError)
        -> Job.Evaluation
    {
        let prompts = try evaluation.prompts.enumerated().map { index, fields throws(ReconcilerError) in
            try prompt(fields, number: index + 1, template)
        }
        return Job.Evaluation(
            metrics: evaluation.metrics.map(\.rawValue),
            prompts: prompts,
            stop: stop,
            maxNewTokens: answerTokens,
            validationRows: answeredRows
        )
    }

    private static func prompt(
        _ fields: [String: String],
        number: Int,
        _ template: CompiledTemplate
    ) throws(ReconcilerError) -> Job.Prompt {
        let members = fields.sorted { $0.key < $1.key }.map { JSONObject.Member(key: $0.key, value: .string($0.value)) }
        let row = JSONObject(members)
        do {
            return Job.Prompt(
                prompt: try template.prompt(for: row),
                completion: try template.reference(for: row),
                label: "prompt \(number)"
            )
        } catch {
            throw ReconcilerError(.invalid, "evaluation prompt \(number): \(error.message)")
        }
    }
}
