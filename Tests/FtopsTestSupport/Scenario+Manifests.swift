//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

extension Scenario {
    /// A repository with the manifests of `writeManifests`, whose fine-tune is trained and published.
    public static func trained() throws -> Scenario {
        let scenario = try Scenario()
        try scenario.writeManifests()
        try scenario.commit("Describe the greeter")
        let apply = try scenario.ftops("apply", "--auto-approve")
        guard apply.status == 0 else { throw ScenarioError(message: "the greeter: \(apply.transcript)") }
        return scenario
    }

    /// Manifests of one fine-tune `greeter` with twenty rows, which the quick trainer trains in a moment.
    public func writeManifests(rows: Int = 20, hyperparameters: String = "{max_steps: 6}") throws {
        try write(Self.manifest(hyperparameters: hyperparameters), at: "manifests/greeter.yaml")
        try write((1...rows).map(Self.row).joined(), at: "datasets/greetings.jsonl")
    }

    /// A row of the dataset, by its number.
    public static func row(_ number: Int) -> String {
        "{\"name\": \"Guest \(number)\", \"greeting\": \"Welcome, guest \(number)!\"}\n"
    }

    /// The manifests of `writeManifests`.
    public static func manifest(
        hyperparameters: String = "{max_steps: 6}",
        destination: String = "acme/greeter",
        extra: String = ""
    ) -> String {
        """
        apiVersion: ftops/v1
        kind: Dataset
        metadata: {name: greetings}
        spec:
          source: datasets/greetings.jsonl
          validation: {rows: 4, seed: 7}
        ---
        apiVersion: ftops/v1
        kind: Template
        metadata: {name: greet}
        spec:
          prompt: "Greet {name}:"
          completion: " {greeting}"
          stop: ["\\n"]
        ---
        apiVersion: ftops/v1
        kind: BaseModel
        metadata: {name: quick}
        spec:
          parameters: 1M
          context: 1024
          node: {python: quick-base==1.0.0}
        ---
        apiVersion: ftops/v1
        kind: FineTune
        metadata: {name: greeter}
        spec:
          base: quick
          dataset: greetings
          template: greet
          hyperparameters: \(hyperparameters)
          destination: \(destination)
          evaluation:
            prompts: [{name: Ann, greeting: "Welcome, Ann!"}]
            metrics: [loss, exact_match]
        \(extra)
        """
    }
}
