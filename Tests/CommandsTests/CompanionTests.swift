//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("Hyperparameters that need something beside them")
struct CompanionTests {
    @Test("a plan refuses the best weights, and an early end, of a split without validation rows, at their line")
    func noValidationRows() throws {
        for (setting, text) in [
            ("keep: best", "keep: best"), ("early_stopping_patience: 2", "early_stopping_patience"),
        ] {
            let scenario = try Scenario()
            try scenario.writeManifests(hyperparameters: "{max_steps: 6, \(setting)}")
            #expect(try scenario.ftops("plan").status == 0)
            let manifest = try scenario.read("manifests/greeter.yaml")
            let none = manifest.replacingOccurrences(of: "{rows: 4, seed: 7}", with: "{fraction: 0.0000001, seed: 7}")
            try scenario.write(none, at: "manifests/greeter.yaml")
            let plan = try scenario.ftops("plan")
            #expect(plan.status == 1)
            #expect(plan.transcript.contains("[needs-validation]"), "\(plan.transcript)")
            let message = "`\(text)` needs validation losses, and dataset `greetings` has no validation rows"
            #expect(plan.transcript.contains(message), "\(plan.transcript)")
            let line = none.split(separator: "\n", omittingEmptySubsequences: false)
                .firstIndex { $0.contains(setting) }
            #expect(plan.transcript.contains("manifests/greeter.yaml:\((line ?? -1) + 1):"), "\(plan.transcript)")
        }
    }

    @Test("a plan tells of rows that are cut where packs are, and of none where packs cut rows")
    func longRows() throws {
        for (wraps, isTold) in [("false", true), ("true", false)] {
            let scenario = try Scenario()
            try scenario.writeManifests(
                hyperparameters: "{chunk_size: 64, pack_sequences: true, wrap_packed_sequences: \(wraps)}"
            )
            let long = "{\"name\": \"Dan\", \"greeting\": \"\(String(repeating: "so ", count: 100))\"}\n"
            try scenario.write(try scenario.read("datasets/greetings.jsonl") + long, at: "datasets/greetings.jsonl")
            let plan = try scenario.ftops("plan")
            #expect(plan.status == 0, "\(plan.transcript)")
            #expect(plan.transcript.contains("[long-rows]") == isTold, "\(plan.transcript)")
        }
    }
}
