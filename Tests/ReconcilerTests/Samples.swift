//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import Testing

/// A version of nothing, to be published.
enum Samples {
    static func version(_ seed: Character = "a") throws -> VersionRecord {
        let digest = try #require(ContentDigest(rawValue: String(repeating: seed, count: 64)))
        return VersionRecord(
            id: digest,
            model: ModelName(owner: "acme", name: "greeter"),
            fineTunes: [ResourceName(rawValue: "greeter")],
            fingerprint: try #require(Fingerprint(rawValue: "v1-\(digest)")),
            trainer: 1,
            commit: String(repeating: "0", count: 40),
            run: "3f9c1a2b7d10",
            backend: .node,
            started: Timestamp(seconds: 0),
            ended: Timestamp(seconds: 60),
            cost: .zero,
            attempts: 1,
            inputs: VersionRecord.Inputs(
                base: ResourceName(rawValue: "quick"),
                baseIdentity: "quick==1",
                baseSource: nil,
                dataset: ResourceName(rawValue: "greetings"),
                source: "datasets/greetings.jsonl",
                sourceDigest: digest,
                train: digest,
                trainRows: 1,
                validation: nil,
                validationRows: 0,
                template: nil,
                form: .text("{text}"),
                stop: [],
                parameters: [:]
            ),
            training: .init(steps: 1, tokens: 1, seconds: 1, device: "cpu", dtype: "float32", threads: 1),
            losses: [],
            weights: [],
            software: [:]
        )
    }
}
