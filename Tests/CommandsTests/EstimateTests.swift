//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import JSON
import Testing

@Suite("Estimates")
struct EstimateTests {
    private func estimate(_ scenario: Scenario) throws -> JSONValue {
        let plan = try scenario.ftops("plan", "--json")
        try #require(plan.status == 0, "\(plan.transcript)")
        return try #require(try JSONParser.parse(plan.output)["items"]?.array?.first?["estimate"])
    }

    @Test("become a range after five versions of one's own")
    func range() throws {
        let scenario = try Scenario.trained()
        for seed in 1...4 {
            try scenario.writeManifests(hyperparameters: "{max_steps: 6, seed: \(seed)}")
            try scenario.commit("Try seed \(seed)")
            let apply = try scenario.ftops("apply", "--auto-approve")
            try #require(apply.status == 0, "\(apply.transcript)")
        }
        try scenario.writeManifests(hyperparameters: "{max_steps: 6, seed: 5}")
        let estimate = try estimate(scenario)
        #expect(estimate["basis"] == "learned")
        #expect(estimate["versions"] == 5)
        let low = try #require(estimate["seconds_low"]?.double)
        let high = try #require(estimate["seconds_high"]?.double)
        #expect(low <= high)
        #expect(try scenario.ftops("plan").output.contains("(as 5 versions took)"))
    }

    @Test("take the hardware that a base states, or that of another base, scaled to it")
    func scaled() throws {
        let scenario = try Scenario()
        try scenario.write((1...50).map(Scenario.row).joined(), at: "datasets/greetings.jsonl")
        let hardware = "hardware: {price_per_minute: 0.348, tokens_per_second: 2670, startup: 8m45s}"
        let manifest = Scenario.manifest(hyperparameters: "{}")
            .replacingOccurrences(of: "parameters: 1M", with: "parameters: 2M")
        let other = """

            ---
            apiVersion: ftops/v1
            kind: BaseModel
            metadata: {name: other}
            spec:
              parameters: 1M
              node: {python: other==1.0.0, \(hardware)}
            """
        try scenario.write(manifest + other, at: "manifests/greeter.yaml")
        let scaled = try estimate(scenario)
        #expect(scaled["basis"] == "scaled")
        #expect(scaled["scaled_from"] == "other")
        let stated = manifest.replacingOccurrences(of: "1.0.0}", with: "1.0.0, \(hardware)}")
        try scenario.write(stated + other, at: "manifests/greeter.yaml")
        let own = try estimate(scenario)
        #expect(own["basis"] == "stated")
        #expect(own["cost"]?.string != nil)
    }
}
