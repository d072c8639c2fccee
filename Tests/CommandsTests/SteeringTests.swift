//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite(
    "Steering a training",
    .enabled(if: Scenario.hasRealTrainer, "the trainer's environment is not there: make setup makes it")
)
struct SteeringTests {
    @Test("the weights of the lowest validation loss are published, and early stopping is told")
    func stopsEarly() throws {
        let scenario = try Scenario()
        // Weights that grow ninefold each step teach nothing: the loss of the base is the lowest.
        try scenario.describeTiny(
            hyperparameters: """
                {learning_rate: 10, weight_decay: 1, lora_rank: 2, train_batch_size: 8, num_train_epochs: 9, \
                eval_steps: 1, keep: best, early_stopping_patience: 2, warmup_ratio: 0}
                """
        )
        let apply = try scenario.ftops("apply", "--auto-approve")
        try #require(apply.status == 0, "\(apply.transcript)")
        let show = try scenario.ftops("show", "acme/greeter").output
        let steps = try #require(show.firstMatch(of: #/steps +(\d+), ended by early stopping, weights of step (\d+)/#))
        #expect(Int(steps.1) == (Int(steps.2) ?? 9) + 2, "\(show)")
        let json = try scenario.ftops("versions", "--json").output
        #expect(json.contains(#""kept_step": \#(steps.2)"#), "\(json)")
    }

    @Test("a training that diverges has failed by that, with what to do, and is not tried again by itself")
    func diverges() throws {
        let scenario = try Scenario()
        try scenario.describeTiny(
            hyperparameters: """
                {learning_rate: 10, weight_decay: 10, lr_scheduler_type: constant, lora_rank: 1, train_batch_size: 2, \
                num_train_epochs: 9, warmup_ratio: 0, save_steps: 1}
                """
        )
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 1 && apply.errors.contains("greeter: diverged: "), "\(apply.transcript)")
        #expect(apply.errors.contains("learning_rate") && apply.output.contains("failed"), "\(apply.transcript)")
        #expect(try scenario.ftops("status", "--all").output.contains("diverged"))
        let again = try scenario.ftops("apply", "--auto-approve")
        #expect(again.status == 1 && again.errors.contains("--retry-failed"), "\(again.transcript)")
        #expect(try scenario.versions().isEmpty)
    }

    @Test("a trial of our own trainer measures it")
    func tries() throws {
        let scenario = try Scenario()
        try scenario.describeTiny(hyperparameters: "{learning_rate: 1e-2, lora_rank: 2, train_batch_size: 4}")
        let apply = try scenario.ftops("apply", "--try")
        #expect(apply.status == 0, "\(apply.transcript)")
        let row = #/greeter +\d+ +\d\.\d+ -> \d\.\d+ +[\d,]+ +[\d.]+ [GM]B +~\d/#
        #expect(apply.output.contains(row), "\(apply.transcript)")
        #expect(try scenario.ftops("plan").output.contains(" steps of it took)"))
        #expect(try scenario.versions().isEmpty)
    }
}
