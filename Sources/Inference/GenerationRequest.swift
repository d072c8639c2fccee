//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Datasets
internal import JSON
package import Runs

/// What models are asked: every model answers every prompt.
package struct GenerationRequest: Hashable, Sendable {
    /// A model by the name that its answers carry: a base, or a base with an adapter.
    package struct Subject: Hashable, Sendable {
        /// The name.
        package var name: String
        /// The folder of the adapter's files; none for the base itself.
        package var adapter: String?

        /// Names a model.
        package init(name: String, adapter: String?) {
            self.name = name
            self.adapter = adapter
        }
    }

    /// What a model is asked.
    package enum Prompt: Hashable, Sendable {
        /// Text that it goes on from.
        case text(String)
        /// A conversation, which the trainer renders by the base's own chat template.
        case messages([ChatMessage])

        /// The text, or what is said last.
        package var text: String {
            switch self {
            case .text(let text): text
            case .messages(let messages): messages.last?.content ?? ""
            }
        }

        var json: JSONValue {
            switch self {
            case .text(let text): .string(text)
            case .messages(let messages): ["messages": .array(messages.map(\.json))]
            }
        }
    }

    /// How the next token is chosen, and how long an answer may be.
    package struct Sampling: Hashable, Sendable {
        /// The most tokens of an answer.
        package var maxNewTokens: Int
        /// 0 takes the likeliest token always.
        package var temperature: Double
        /// The share of the probability that is drawn from.
        package var topP: Double
        /// What drawing starts from.
        package var seed: Int

        /// Makes a way to choose; by default the likeliest token, up to 128 of them.
        package init(maxNewTokens: Int = 128, temperature: Double = 0, topP: Double = 1, seed: Int = 0) {
            self.maxNewTokens = maxNewTokens
            self.temperature = temperature
            self.topP = topP
            self.seed = seed
        }
    }

    /// The base of all the models.
    package var base: TrainerBase
    /// The models.
    package var models: [Subject]
    /// The rendered prompts.
    package var prompts: [Prompt]
    /// Texts at which an answer ends.
    package var stop: [String]
    /// How tokens are chosen.
    package var sampling: Sampling
    /// The dtype to compute in; the trainer's choice where there is none.
    package var dtype: String?
    /// How many threads compute.
    package var threads: Int

    /// Makes a request.
    package init(
        base: TrainerBase,
        models: [Subject],
        prompts: [Prompt],
        stop: [String] = [],
        sampling: Sampling = Sampling(),
        dtype: String? = nil,
        threads: Int
    ) {
        self.base = base
        self.models = models
        self.prompts = prompts
        self.stop = stop
        self.sampling = sampling
        self.dtype = dtype
        self.threads = threads
    }

    func json(on device: Device.Kind) -> JSONValue {
        let models: [JSONValue] = models.map {
            ["name": .string($0.name), "adapter": $0.adapter.map { .string($0) } ?? .null]
        }
        return [
            "base": base.json,
            "models": .array(models),
            "prompts": .array(prompts.map(\.json)),
            "stop": .array(stop.map { .string($0) }),
            "max_new_tokens": .int(sampling.maxNewTokens),
            "temperature": .double(sampling.temperature),
            "top_p": .double(sampling.topP),
            "seed": .int(sampling.seed),
            "dtype": dtype.map { .string($0) } ?? .null,
            "device": .string(device.rawValue),
            "threads": .int(threads),
        ]
    }
}
