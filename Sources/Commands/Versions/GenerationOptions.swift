//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Inference

/// How answers are drawn.
struct GenerationOptions: ParsableArguments {
    @Option(help: "Tokens that an answer has at most.")
    var maxNewTokens = 128

    @Option(help: "0 always takes the likeliest token; higher is more varied.")
    var temperature = 0.0

    @Option(name: .customLong("top-p"), help: "Draw among the likeliest tokens that have this share together.")
    var topP = 1.0

    @Option(help: "Seed of the drawing.")
    var seed = 0

    func validate() throws {
        if maxNewTokens < 1 { throw ValidationError("--max-new-tokens is at least 1") }
        if temperature < 0 { throw ValidationError("--temperature is at least 0") }
        if topP <= 0 || topP > 1 { throw ValidationError("--top-p is above 0 and at most 1") }
    }

    var sampling: GenerationRequest.Sampling {
        GenerationRequest.Sampling(maxNewTokens: maxNewTokens, temperature: temperature, topP: topP, seed: seed)
    }
}
