//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
package import Resources

/// What a training on a file of rows would take, counted by the base's own tokenizer.
package struct TokenCount: Hashable, Sendable {
    /// The rows that would be trained.
    package let rows: Int
    /// The tokens of an epoch.
    package let tokens: Int
    /// Those of them that carry loss.
    package let labelTokens: Int
    /// The rows of no use, which would be left out.
    package let rejected: Int
    /// The rows that would be cut.
    package let truncated: Int
    /// What an epoch is divided into: packs, or rows where they are not packed.
    package let units: Int
    /// The optimizer's steps of the whole training.
    package let steps: Int
}

extension TrainerLauncher {
    /// Counts what a training with these hyperparameters on a file of rendered rows, as `train.jsonl` has them, would
    /// take. The base's files are made ready first where they are not, which may take long.
    package func count(
        _ rows: String,
        base: TrainerBase,
        parameters: [String: HyperparameterValue]
    ) throws -> TokenCount {
        let request: JSONValue = ["base": base.json, "rows": .string(rows), "parameters": Job.json(parameters)]
        let answer = try answer(["count"], input: JSONText.compact(request))
        func number(_ name: String) throws -> Int {
            guard let number = answer[name]?.int else { throw RunsError(.trainer, "\(path) count told no \(name)") }
            return number
        }
        return TokenCount(
            rows: try number("rows"),
            tokens: try number("tokens"),
            labelTokens: try number("label_tokens"),
            rejected: try number("rejected"),
            truncated: try number("truncated"),
            units: try number("units"),
            steps: try number("steps")
        )
    }
}
