//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("Answers of a worker that stays, with the real trainer")
struct WarmAnswerTests {
    private static let cold = ["FTOPS_WORKER_IDLE": "0"]

    /// Two versions of a tiny base: an adapter, and a model of its own.
    private func trained() throws -> Scenario {
        let scenario = try Scenario()
        try scenario.describeTiny(hyperparameters: "{lora_rank: 2, learning_rate: 1e-2, train_batch_size: 4}")
        for parameters in ["lora_rank: 2, learning_rate: 1e-2", "peft_method: none, learning_rate: 2e-3"] {
            let manifest = try scenario.read("manifests/greeter.yaml")
            try scenario.write(
                manifest.replacing("lora_rank: 2, learning_rate: 1e-2", with: parameters),
                at: "manifests/greeter.yaml"
            )
            if manifest != (try scenario.read("manifests/greeter.yaml")) { try scenario.commit("Train all weights") }
            let apply = try scenario.ftops("apply", "--auto-approve")
            guard apply.status == 0 else { throw ScenarioError(message: apply.transcript) }
        }
        return scenario
    }

    private func asks(_ version: Int) -> [String] {
        ["run", "acme/greeter:\(version)", "--name", "Ann", "--max-new-tokens", "16"]
    }

    private func ask(_ scenario: Scenario, _ version: Int, _ extra: [String: String] = [:]) throws -> String {
        let run = try scenario.start(Scenario.executable.path, asks(version), environment: extra).wait()
        #expect(run.status == 0, "\(run.transcript)")
        return run.output
    }

    @Test(
        "are those of a process of its own: versions by turns, several who ask at once, and after the worker was killed",
        .enabled(if: Scenario.hasRealTrainer, "the trainer's environment is not there: make setup makes it")
    )
    func answers() throws {
        let scenario = try trained()
        let cold = try [1, 2].map { try ask(scenario, $0, Self.cold) }
        #expect(Set(cold).count == 2)
        #expect(try scenario.processes(of: "serve").isEmpty)
        for version in [1, 2, 1, 2, 2] { #expect(try ask(scenario, version) == cold[version - 1]) }
        let workers = try scenario.processes(of: "serve")
        #expect(workers.count == 1)
        let many = try [1, 2, 1].map { try scenario.start(Scenario.executable.path, asks($0)) }.map { $0.wait() }
        #expect(many.map(\.output) == [cold[0], cold[1], cold[0]], "\(many.map(\.transcript))")
        let compare = try scenario.ftops("compare", "acme/greeter:1", "--max-new-tokens", "8")
        let alone = try scenario.ftops("compare", "acme/greeter:1", "--max-new-tokens", "8", environment: Self.cold)
        #expect(compare.status == 0 && compare.output == alone.output, "\(compare.transcript)")
        #expect(try scenario.processes(of: "serve") == workers)
        for worker in workers { kill(try #require(Int32(worker)), SIGKILL) }
        #expect(try ask(scenario, 2) == cold[1])
        #expect(try scenario.processes(of: "serve") != workers)
    }

    @Test(
        "start one worker for two who ask first at the same time, which ends when nobody asks",
        .enabled(if: Scenario.hasRealTrainer, "the trainer's environment is not there: make setup makes it")
    )
    func first() throws {
        let scenario = try trained()
        let cold = try ask(scenario, 1, Self.cold)
        let brief = ["FTOPS_WORKER_IDLE": "1"]
        let both = try [1, 1].map { try scenario.start(Scenario.executable.path, asks($0), environment: brief) }
        #expect(try scenario.waits { try !scenario.processes(of: "serve").isEmpty })
        #expect(both.map { $0.wait().output } == [cold, cold])
        let folder = scenario.folder.appending(path: "cache/ftops/workers")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
        #expect(try scenario.waits { try scenario.processes(of: "serve").isEmpty })
        #expect(try ask(scenario, 1, brief) == cold)
    }
}
