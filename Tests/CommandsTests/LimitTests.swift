//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("Limits of a run under way")
struct LimitTests {
    private static let project = """
        ---
        apiVersion: ftops/v1
        kind: Project
        metadata: {name: acme}
        spec:
          backends: {node: {price_per_gpu_hour: 3600}}
        """

    /// A fine-tune that is expected to keep to its budget, and whose trainer takes two steps of six and no more before
    /// the gate is open.
    private func scenario(budget: String) throws -> Scenario {
        let scenario = try Scenario.gated(from: 3)
        try write(budget, scenario)
        return scenario
    }

    private func write(_ budget: String, _ scenario: Scenario) throws {
        let manifest = Scenario.manifest(extra: Self.project)
            .replacing(
                "{python: quick-base==1.0.0}",
                with: "{python: quick-base==1.0.0, hardware: {tokens_per_second: 1000000, startup: 0s}}"
            )
            .replacing("  destination: acme", with: "  budget: \(budget)\n  destination: acme")
        try scenario.writeManifests()
        try scenario.write(manifest, at: "manifests/greeter.yaml")
        try scenario.commit("Describe the greeter and what it may take")
    }

    @Test("a budget that was changed while a run was paused holds when it goes on")
    func changed() throws {
        let scenario = try scenario(budget: "{max_cost: 50}")
        let steps = [(after: "2/6", keys: "\u{3}"), (after: "leave it running (Enter)? ", keys: "p\n")]
        let apply = try scenario.startFtops("apply", "--auto-approve", typing: steps).wait()
        #expect(apply.status == 130, "\(apply.transcript)")
        try write("{max_cost: 1}", scenario)
        let lowered = try scenario.ftops("apply", "--auto-approve")
        #expect(lowered.status == 1 && lowered.errors.contains("limit: it has cost the $1.00"), "\(lowered.transcript)")
    }

    @Test(
        "time or money that is used up stops the trainer at a checkpoint, from which a larger budget goes on",
        arguments: [
            ("{max_time: 2s}", "{max_time: 1h}", "it has taken the 2 seconds"),
            ("{max_cost: 2}", "{max_cost: 3600}", "it has cost the $2"),
        ]
    )
    func stops(budget: String, larger: String, reason: String) throws {
        let scenario = try scenario(budget: budget)
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 1, "\(apply.transcript)")
        #expect(apply.errors.contains("limit: \(reason)"), "\(apply.transcript)")
        #expect(apply.errors.contains("its checkpoint is of step 2 of 6"), "\(apply.transcript)")
        #expect(try scenario.ftops("plan").output.contains("limit"))
        #expect(try scenario.completedTrainings() == 0)
        try scenario.openGate()
        try write(larger, scenario)
        #expect(try scenario.ftops("apply", "--auto-approve").status == 1)
        let again = try scenario.ftops("apply", "--auto-approve", "--retry-failed")
        #expect(again.status == 0, "\(again.transcript)")
        #expect(try scenario.quickLog().map { $0.prefix { $0 != " " } } == ["started", "resumed", "completed"])
    }
}
