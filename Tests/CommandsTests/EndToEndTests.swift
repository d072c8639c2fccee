//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("End to end with the real trainer")
struct EndToEndTests {
    @Test(
        "fine-tunes Gemma 3 270M for 24 steps, as many as a plan counts, commits the version, and answers by it",
        .enabled(if: Scenario.hasRealTrainer, "the trainer's environment is not there: make setup makes it")
    )
    func trainsGemma() throws {
        let scenario = try Scenario()
        try scenario.describeGemma(hyperparameters: "{num_train_epochs: 3, train_batch_size: 2, learning_rate: 1e-3}")
        let apply = try scenario.ftops("apply", "--auto-approve")
        try #require(apply.status == 0, "\(apply.transcript)")
        let record = try scenario.read(try #require(scenario.versions().first))
        #expect(record.contains("steps: 24"))
        #expect(record.contains("adapter_model.safetensors"))
        #expect(try scenario.read("versions/acme/greeter/README.md").contains("Ann"))
        let again = try scenario.ftops("apply", "--auto-approve")
        #expect(again.output.contains("Nothing to do"), "\(again.transcript)")
        let run = try scenario.ftops("run", "acme/greeter", "--name", "Guest 40", "--max-new-tokens", "12")
        #expect(run.status == 0, "\(run.transcript)")
        #expect(run.output.contains("Welcome"), "\(run.transcript)")
        try takesAway(scenario)
        let manifest = try scenario.read("manifests/greeter.yaml")
        try scenario.write(manifest.replacing("1e-3", with: "2e-3"), at: "manifests/greeter.yaml")
        let tokens = try #require(record.firstMatch(of: #/tokens: (\d+)/#)?.1)
        let plan = try scenario.ftops("plan", "--json")
        #expect(plan.output.contains(#""tokens_counted": true"#), "\(plan.transcript)")
        #expect(plan.output.contains(#""tokens": \#(tokens)"#) && plan.output.contains(#""steps": 24"#))
        try scenario.git("fsck", "--strict")
    }

    /// What is exported gives, in stock transformers, the greedy answer that the version gives; so does a GGUF of it.
    private func takesAway(_ scenario: Scenario) throws {
        for form in ["hf", "ollama"] {
            let arguments = ["export", "acme/greeter", "--format", form, "--to", form, "--json"]
            let export = try scenario.start(Scenario.executable.path, arguments).wait()
            try #require(export.status == 0, "\(export.transcript)")
            #expect(export.output.contains(#""merging_same": 1"#), "\(export.output)")
        }
        let program = """
            import os, sys, torch
            from transformers import AutoModelForCausalLM, AutoTokenizer
            where = {"gguf_file": "model.gguf"} if os.path.exists(sys.argv[1] + "/model.gguf") else {}
            network = AutoModelForCausalLM.from_pretrained(sys.argv[1], dtype=torch.float32, **where)
            tokenizer = AutoTokenizer.from_pretrained(sys.argv[1], **where)
            ids = tokenizer(sys.argv[2], return_tensors="pt").input_ids
            made = network.generate(ids, do_sample=False, max_new_tokens=8)[0, ids.shape[1]:]
            print(tokenizer.decode(made, skip_special_tokens=True))
            """
        let python = try scenario.start(
            Scenario.package.appending(path: "Sources/trainer/launch").path,
            ["environment"]
        )
        let prompt = "Greet Guest 41:"
        let path = python.wait().output.trimmingCharacters(in: .whitespacesAndNewlines)
        let ours = try scenario.ftops("run", "acme/greeter", "--prompt", prompt, "--max-new-tokens", "8")
        for form in ["hf", "ollama"] {
            let folder = scenario.repository.appending(path: form).path
            let stock = try scenario.start(path, ["-c", program, folder, prompt]).wait()
            #expect(stock.status == 0 && !ours.output.isEmpty, "\(stock.transcript)")
            #expect(stock.output == ours.output, "\(form): \(ours.transcript)")
            try FileManager.default.removeItem(atPath: folder)
        }
    }
}
