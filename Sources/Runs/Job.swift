//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import JSON
package import Resources

/// All that a training is asked to do, resolved: the run folder's `job.json`.
package struct Job: Hashable, Sendable {
    /// A prompt that base and version answer after the training.
    package struct Prompt: Hashable, Sendable {
        /// The rendered prompt.
        package var prompt: String
        /// The expected answer, where there is one.
        package var completion: String?
        /// What the answer is called.
        package var label: String

        /// Makes a prompt.
        package init(prompt: String, completion: String?, label: String) {
            self.prompt = prompt
            self.completion = completion
            self.label = label
        }
    }

    /// How base and version are judged after the training.
    package struct Evaluation: Hashable, Sendable {
        /// The metrics' names.
        package var metrics: [String]
        /// The prompts.
        package var prompts: [Prompt]
        /// Texts at which an answer ends.
        package var stop: [String]
        /// How long an answer may be.
        package var maxNewTokens: Int
        /// How many validation rows are answered.
        package var validationRows: Int

        /// Makes an evaluation.
        package init(metrics: [String], prompts: [Prompt], stop: [String], maxNewTokens: Int, validationRows: Int) {
            self.metrics = metrics
            self.prompts = prompts
            self.stop = stop
            self.maxNewTokens = maxNewTokens
            self.validationRows = validationRows
        }
    }

    /// The run's id.
    package var run: String
    /// The fingerprint that it trains.
    package var fingerprint: Fingerprint
    /// What it starts from.
    package var base: TrainerBase
    /// Whether there are validation rows.
    package var hasValidation: Bool
    /// The hyperparameters, resolved, by canonical name; those that are absent have no value.
    package var parameters: ParameterValues
    /// The kind of the one device that it runs on.
    package var device: Device.Kind
    /// How many threads compute.
    package var threads: Int
    /// How the result is judged; nothing where nobody asked.
    package var evaluation: Evaluation?

    /// Makes a job.
    package init(
        run: String,
        fingerprint: Fingerprint,
        base: TrainerBase,
        hasValidation: Bool,
        parameters: ParameterValues,
        device: Device.Kind,
        threads: Int,
        evaluation: Evaluation? = nil
    ) {
        self.run = run
        self.fingerprint = fingerprint
        self.base = base
        self.hasValidation = hasValidation
        self.parameters = parameters
        self.device = device
        self.threads = threads
        self.evaluation = evaluation
    }

    /// The job as `job.json` has it, format 1.
    package var json: JSONValue {
        [
            "format": 1,
            "run": .string(run),
            "fingerprint": .string(fingerprint.rawValue),
            "base": base.json,
            "train": .string(RunFolder.trainName),
            "validation": hasValidation ? .string(RunFolder.validationName) : .null,
            "parameters": Self.json(parameters),
            "device": .string(device.rawValue),
            "gpus": .int(device == .cuda ? 1 : 0),
            "threads": .int(threads),
            "evaluation": evaluation.map(Self.json) ?? .null,
        ]
    }

    static func json(_ parameters: ParameterValues) -> JSONValue {
        let names = HyperparameterTable.fields.filter(\.isSupported).map(\.name)
        return .object(
            JSONObject(names.map { JSONObject.Member(key: $0, value: parameters[$0].map(Self.json) ?? .null) })
        )
    }

    private static func json(_ value: HyperparameterValue) -> JSONValue {
        switch value {
        case .bool(let value): .bool(value)
        case .integer(let value): .int(value)
        case .number(let value): .double(value)
        case .text(let value): .string(value)
        case .list(let values): .array(values.map { .string($0) })
        }
    }

    private static func json(_ evaluation: Evaluation) -> JSONValue {
        let prompts: [JSONValue] = evaluation.prompts.map {
            [
                "prompt": .string($0.prompt),
                "completion": $0.completion.map { .string($0) } ?? .null,
                "label": .string($0.label),
            ]
        }
        return [
            "metrics": .array(evaluation.metrics.map { .string($0) }),
            "prompts": .array(prompts),
            "stop": .array(evaluation.stop.map { .string($0) }),
            "max_new_tokens": .int(evaluation.maxNewTokens),
            "validation_rows": .int(evaluation.validationRows),
        ]
    }
}
