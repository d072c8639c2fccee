//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

// Warnings about what a training would leave, and about what earlier ones left.

extension FindingCatalog {
    static let trainings: [Entry] = [
        Entry(
            code: "large-adapter",
            meaning: "an adapter is larger than those that vLLM serves",
            cause: "a lora_rank over 512, or a chain of fine-tunes whose ranks add up to more",
            remedy: "lower lora_rank; or serve base and adapter as one model, which ftops export --merge writes",
            isWarning: true
        ),
        Entry(
            code: "store-unreachable",
            meaning: "the Project's artifact store does not say whether it has the weights of the versions",
            cause: "the network, the endpoint, or credentials that the store does not take",
            remedy: "see what the store says; meanwhile the versions count as whole",
            isWarning: true
        ),
        Entry(
            code: "tight-memory",
            meaning: "a training may need more memory than there is",
            cause: "a large base, long rows or all weights on a small GPU, or a plan on another machine than trains",
            remedy: "do what the message names, or say `memory` of what trains in `hardware` of the BaseModel",
            isWarning: true
        ),
    ]
}
