//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

/// Minutes of a machine's whole attention, so only `make faults TRAINER=real` runs them.
@Suite(
    "Faults with the real trainer: kill -9 in the midst of training, at seeded steps",
    .serialized,
    .enabled(
        if: ProcessInfo.processInfo.environment["FTOPS_FAULTS_TRAINER"] == "real" && Scenario.hasRealTrainer,
        "they are asked for by make faults TRAINER=real, and need the trainer's environment"
    )
)
struct RealFaultTests {
    private static let moments = ProcessInfo.processInfo.environment["FTOPS_FAULTS"].flatMap { Int($0) } ?? 5

    private static let steps = 6

    /// The weights of a run that nothing disturbs.
    private static let undisturbed = Result {
        let scenario = try gemma()
        let start = ContinuousClock.now
        let apply = try scenario.ftops("apply", "--auto-approve")
        try #require(apply.status == 0, "\(apply.transcript)")
        print("undisturbed: \(rounded((ContinuousClock.now - start) / .seconds(1))) s")
        return try weights(scenario)
    }

    private static func gemma() throws -> Scenario {
        let scenario = try Scenario()
        try scenario.describeGemma(
            hyperparameters: "{max_steps: \(steps), train_batch_size: 2, learning_rate: 1e-3, save_steps: 2}",
            metrics: "[loss]"
        )
        try scenario.addOrigin()
        return scenario
    }

    @Test(
        "leave one version, one completed training, and the weights of a run that nothing disturbed",
        arguments: Victim.allCases,
        1...moments
    )
    func survives(victim: Victim, seed: Int) throws {
        let undisturbed = try Self.undisturbed.get()
        let scenario = try Self.gemma()
        let wanted = victim.step(seed, before: Self.steps)
        let start = ContinuousClock.now
        let apply = try scenario.startFtops("apply", "--auto-approve")
        let isReached = scenario.waits(upTo: 20 * 60) {
            !apply.isRunning
                || Self.events(scenario, "started").count > 0 && Self.events(scenario, "step").count >= wanted
        }
        let furthest = Self.events(scenario, "step").count
        let isTraining = apply.isRunning && Self.events(scenario, "completed").isEmpty
        scenario.strike(victim, apply)
        let comment: Comment = "\(victim) killed at step \(furthest), which was to be \(wanted)"
        #expect(isReached && isTraining, comment)
        _ = apply.wait()
        let again = try scenario.ftops("apply", "--auto-approve")
        #expect(again.status == 0, "\(comment): \(again.transcript)")
        #expect(Self.events(scenario, "completed").count == 1, comment)
        #expect(try Self.weights(scenario) == undisturbed, comment)
        try scenario.expectOnePublished(comment)
        let (starts, steps) = (Self.events(scenario, "started").count, Self.events(scenario, "step").count)
        let seconds = Self.rounded((ContinuousClock.now - start) / .seconds(1))
        print("\(comment): \(starts) starts, \(steps) steps, all done after \(seconds) s")
    }

    private static func rounded(_ seconds: Double) -> String { String(format: "%.1f", seconds) }

    /// The lines of an event in all runs.
    private static func events(_ scenario: Scenario, _ name: String) -> [Substring] {
        let folders = (try? scenario.runFolders()) ?? []
        return folders.flatMap { folder in
            let data = (try? Data(contentsOf: folder.appending(path: "events.jsonl"))) ?? Data()
            return String(decoding: data, as: UTF8.self).split(separator: "\n")
                .filter { $0.contains("\"event\":\"\(name)\"") }
        }
    }

    /// The adapter's SHA-256, as the version's record has it.
    private static func weights(_ scenario: Scenario) throws -> String {
        let record = try scenario.read(try #require(try scenario.versions().first))
        let found = record.range(
            of: #"adapter_model\.safetensors[^}]*?sha256: *"?[0-9a-f]{64}"#,
            options: .regularExpression
        )
        return String(record[try #require(found)].suffix(64))
    }
}
