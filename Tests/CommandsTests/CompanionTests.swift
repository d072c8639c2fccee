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

    @Test("a plan refuses to pack rows of two answers, whether a template makes them or they are so, at the setting")
    func packedPreferences() throws {
        for hasTemplate in [true, false] {
            let scenario = try Scenario()
            try scenario.write(Self.preferences, at: "datasets/greetings.jsonl")
            for (setting, isRefused) in [("dpo_beta: 0.2", false), ("pack_sequences: true", true)] {
                let manifest = Self.manifest(hyperparameters: "{\(setting)}", hasTemplate)
                try scenario.write(manifest, at: "manifests/greeter.yaml")
                let plan = try scenario.ftops("plan")
                #expect(plan.status == (isRefused ? 1 : 0), "\(plan.transcript)")
                #expect(plan.transcript.contains("[conflicting-fields]") == isRefused, "\(plan.transcript)")
                #expect(plan.transcript.contains("have `chosen` and `rejected`") == isRefused, "\(plan.transcript)")
            }
        }
    }

    private static let preferences = (0..<20).map { number in
        #"{"prompt": "Say \#(number)", "chosen": "\#(number)", "rejected": "no"}"# + "\n"
    }.joined()

    /// The scenario's manifests, but for rows of two answers, with a template of them or without one.
    private static func manifest(hyperparameters: String, _ hasTemplate: Bool) -> String {
        Scenario.manifest(hyperparameters: hyperparameters)
            .replacingOccurrences(of: "Greet {name}:", with: "{prompt}")
            .replacingOccurrences(
                of: #"completion: " {greeting}""#,
                with: "chosen: \"{chosen}\"\n  rejected: \"{rejected}\""
            )
            .replacingOccurrences(of: #"name: Ann, greeting: "Welcome, Ann!""#, with: "prompt: Hello")
            .replacingOccurrences(of: "  template: greet\n", with: hasTemplate ? "  template: greet\n" : "")
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
