//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

/// An edit of the manifests or the data, and whether it changes what is trained.
struct Edit: CustomTestStringConvertible {
    let name: String
    let file: String
    let old: String
    let new: String

    var testDescription: String { name }

    init(_ name: String, _ old: String, _ new: String, in file: String = "manifests/greeter.yaml") {
        self.name = name
        self.file = file
        self.old = old
        self.new = new
    }
}

@Suite("Fingerprints through the command line")
struct FingerprintTests {
    static let keeping: [Edit] = [
        Edit("a comment", "kind: Dataset", "kind: Dataset # twenty guests"),
        Edit(
            "the order of keys",
            "  prompt: \"Greet {name}:\"\n  completion: \" {greeting}\"",
            "  completion: \" {greeting}\"\n  prompt: \"Greet {name}:\""
        ),
        Edit("a label", "metadata: {name: greeter}", "metadata: {name: greeter, labels: {team: search}}"),
        Edit("the fine-tune's name", "metadata: {name: greeter}", "metadata: {name: doorman}"),
        Edit("the dataset's name", "name: greetings}", "name: guests}"),
        Edit("the destination", "acme/greeter", "acme/porter"),
        Edit("the evaluation", "name: Ann", "name: Bob"),
        Edit("the stop texts", "stop: [\"\\n\"]", "stop: [\"\\n\", \"</s>\"]"),
        Edit("a parameter at its default", "{max_steps: 6}", "{max_steps: 6, learning_rate: 0.0001}"),
        Edit("the micro batch", "{max_steps: 6}", "{max_steps: 6, micro_batch_size: 1}"),
        Edit("the steps between evaluations", "{max_steps: 6}", "{max_steps: 6, eval_steps: 2}"),
        Edit("the size of the base", "parameters: 1M", "parameters: 1000000"),
        Edit(
            "white space in the data",
            "{\"name\": \"Guest 1\",",
            "{ \"name\":   \"Guest 1\",",
            in: "datasets/greetings.jsonl"
        ),
    ]

    static let changing: [Edit] = [
        Edit("another learning rate", "{max_steps: 6}", "{max_steps: 6, learning_rate: 2e-4}"),
        Edit("more steps", "{max_steps: 6}", "{max_steps: 7}"),
        Edit("another rank", "{max_steps: 6}", "{max_steps: 6, lora_rank: 16}"),
        Edit("another batch", "{max_steps: 6}", "{max_steps: 6, train_batch_size: 8}"),
        Edit("another seed", "{max_steps: 6}", "{max_steps: 6, seed: 1}"),
        Edit("packing", "{max_steps: 6}", "{max_steps: 6, pack_sequences: true}"),
        Edit(
            "packs that cut rows",
            "{max_steps: 6}",
            "{max_steps: 6, pack_sequences: true, wrap_packed_sequences: true}"
        ),
        Edit("loss on the prompt", "{max_steps: 6}", "{max_steps: 6, train_on_inputs: true}"),
        Edit("another prompt", "Greet {name}:", "Greet {name}!"),
        Edit("another completion", "\" {greeting}\"", "\"  {greeting}\""),
        Edit("another base", "quick-base==1.0.0", "quick-base==1.0.1"),
        Edit("another split", "seed: 7", "seed: 8"),
        Edit("no validation", "\n  validation: {rows: 4, seed: 7}", ""),
        Edit("an edited row", "Welcome, guest 1!", "Welcome, guest one!", in: "datasets/greetings.jsonl"),
        Edit("a row less", Scenario.row(20), "", in: "datasets/greetings.jsonl"),
        Edit(
            "another order of rows",
            Scenario.row(1) + Scenario.row(2),
            Scenario.row(2) + Scenario.row(1),
            in: "datasets/greetings.jsonl"
        ),
        Edit("some modules", "{max_steps: 6}", "{max_steps: 6, target_modules: [q_proj, v_proj]}"),
        Edit("another schedule", "{max_steps: 6}", "{max_steps: 6, lr_scheduler_type: cosine}"),
        Edit("a scale by the root of the rank", "{max_steps: 6}", "{max_steps: 6, use_rslora: true}"),
        Edit("the best weights", "{max_steps: 6}", "{max_steps: 6, keep: best}"),
        Edit("the best weights of more", "{max_steps: 6}", "{max_steps: 6, keep: best, eval_steps: 2}"),
        Edit("an early end", "{max_steps: 6}", "{max_steps: 6, early_stopping_patience: 2}"),
        Edit("another dropout", "{max_steps: 6}", "{max_steps: 6, lora_dropout: 0}"),
    ]

    private func fingerprint(_ scenario: Scenario) throws -> String {
        let plan = try scenario.ftops("plan", "--json")
        try #require(plan.status == 0, "\(plan.transcript)")
        let object = try JSONSerialization.jsonObject(with: Data(plan.output.utf8)) as? [String: Any]
        let items = try #require(object?["items"] as? [[String: Any]])
        return try #require(items.first?["fingerprint"] as? String)
    }

    private func scenario(_ edit: Edit?) throws -> Scenario {
        let scenario = try Scenario()
        try scenario.writeManifests()
        if let edit {
            let text = try scenario.read(edit.file)
            try #require(text.contains(edit.old))
            try scenario.write(text.replacingOccurrences(of: edit.old, with: edit.new), at: edit.file)
            if edit.name == "the dataset's name" {
                let renamed = try scenario.read(edit.file).replacingOccurrences(
                    of: "dataset: greetings",
                    with: "dataset: guests"
                )
                try scenario.write(renamed, at: edit.file)
            }
        }
        try scenario.commit("Describe the greeter")
        return scenario
    }

    @Test("an edit that trains nothing else keeps it", arguments: keeping)
    func keeps(edit: Edit) throws {
        #expect(try fingerprint(scenario(edit)) == fingerprint(scenario(nil)))
    }

    @Test("an edit that trains something else changes it", arguments: changing)
    func changes(edit: Edit) throws {
        #expect(try fingerprint(scenario(edit)) != fingerprint(scenario(nil)))
    }

    /// The table is what releases are held to: a difference means that a release would train everything again.
    @Test("thirty manifests have the fingerprints that they have always had")
    func table() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/fingerprints.txt")
        let lines = try (Self.keeping + Self.changing).map { edit in
            "\(try fingerprint(scenario(edit)))  \(edit.name)"
        }
        let text = lines.joined(separator: "\n") + "\n"
        if ProcessInfo.processInfo.environment["FTOPS_RECORD"] != nil {
            try Data(text.utf8).write(to: file)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == text)
    }
}
