//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("Fine-tunes of fine-tunes")
struct GraphTests {
    /// Two that go on from the greeter, one from the other; their names sort before it.
    private static let others = """
        ---
        apiVersion: ftops/v1
        kind: FineTune
        metadata: {name: doorman}
        spec: {base: greeter, dataset: greetings, template: greet, hyperparameters: {max_steps: 4}, destination: doorman}
        ---
        apiVersion: ftops/v1
        kind: FineTune
        metadata: {name: butler}
        spec: {base: doorman, dataset: greetings, template: greet, hyperparameters: {max_steps: 5}, destination: butler}
        """

    private func scenario() throws -> Scenario {
        let scenario = try Scenario()
        try scenario.writeManifests()
        try scenario.write(Scenario.manifest(extra: Self.others), at: "manifests/greeter.yaml")
        try scenario.commit("Describe a chain of fine-tunes")
        return scenario
    }

    /// The record of a model's first version.
    private func record(_ model: String, in scenario: Scenario) throws -> String {
        let path = try #require(try scenario.versions().first { $0.hasPrefix("versions/\(model)/1-") })
        return try scenario.read(path)
    }

    @Test("are planned at once and trained in their order, each on the adapter of the one before")
    func trains() throws {
        let scenario = try scenario()
        let plan = try scenario.ftops("plan", "--target", "butler")
        #expect(plan.output.contains("Plan: 3 to train"), "\(plan.transcript)")
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 0, "\(apply.transcript)")
        #expect(try scenario.completedTrainings() == 3)
        let (greeter, doorman) = (try record("acme/greeter", in: scenario), try record("local/doorman", in: scenario))
        let id = try #require(greeter.firstMatch(of: #/(?m)^id: ([0-9a-f]{64})/#)).1
        let fingerprint = try #require(greeter.firstMatch(of: #/(?m)^fingerprint: (v1-[0-9a-f]{64})/#)).1
        #expect(doorman.contains("version: \(id)") && doorman.contains("fingerprint: \(fingerprint)"), "\(doorman)")
        #expect(doorman.contains("fineTune: greeter") && doorman.contains("base: quick"), "\(doorman)")
        #expect(try scenario.ftops("show", "local/butler").output.contains("of doorman, on quick"))
        #expect(try scenario.ftops("plan", "--detailed-exitcode").status == 0)
        let jobs = try FileManager.default.subpathsOfDirectory(atPath: scenario.folder.appending(path: "state").path)
        #expect(jobs.count { $0.hasSuffix("/parent/adapter_model.safetensors") } == 2, "\(jobs)")
    }

    @Test("train again when what they go on from changes, and say so")
    func updates() throws {
        let scenario = try scenario()
        #expect(try scenario.ftops("apply", "--auto-approve").status == 0)
        let text = try scenario.read("manifests/greeter.yaml")
        try scenario.write(
            text.replacingOccurrences(of: "hyperparameters: {max_steps: 6}", with: "hyperparameters: {max_steps: 7}"),
            at: "manifests/greeter.yaml"
        )
        try scenario.commit("Train the greeter longer")
        let plan = try scenario.ftops("plan")
        #expect(plan.output.contains("Plan: 3 to train"), "\(plan.transcript)")
        #expect(plan.output.contains("base      greeter (changed)"), "\(plan.transcript)")
        let apply = try scenario.ftops("apply", "--auto-approve", "--target", "doorman")
        #expect(apply.status == 0, "\(apply.transcript)")
        #expect(try scenario.completedTrainings() == 5)
    }

    @Test("are not claimed while what they go on from has no version, and wait for it where it failed")
    func waits() throws {
        let scenario = try scenario()
        let failing = ["FTOPS_QUICK_FAIL": "diverged:the loss is not a number"]
        let apply = try scenario.ftops("apply", "--auto-approve", environment: failing)
        #expect(apply.status == 1, "\(apply.transcript)")
        #expect(apply.output.contains("its base greeter is not trained yet"), "\(apply.transcript)")
        let status = try scenario.ftops("status")
        #expect(!status.output.contains("doorman") && !status.output.contains("butler"), "\(status.transcript)")
        let plan = try scenario.ftops("plan", "--detailed-exitcode")
        #expect(plan.status == 0, "\(plan.transcript)")
        #expect(plan.output.contains("x blocked (dependency)  doorman"), "\(plan.transcript)")
        #expect(plan.output.contains("its base greeter has failed (diverged)"), "\(plan.transcript)")
        #expect(plan.output.contains("its base doorman is blocked (dependency)"), "\(plan.transcript)")
    }

    @Test("are not trained where the store has lost what they go on from")
    func lost() throws {
        let scenario = try scenario()
        #expect(try scenario.ftops("apply", "--auto-approve", "--target", "greeter").status == 0)
        let store = scenario.folder.appending(path: "state/artifacts")
        try FileManager.default.removeItem(at: store)
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.output.contains("no weights of its base greeter"), "\(apply.transcript)")
        #expect(try scenario.completedTrainings() == 1)
    }
}
