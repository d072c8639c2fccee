//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("A plan that counts tokens")
struct CountTests {
    private let scenario: Scenario

    init() throws {
        scenario = try Scenario()
        try scenario.writeManifests()
    }

    private func install(_ file: String = "tokenizer.json", _ text: String = "{}") throws {
        let folder = scenario.folder.appending(path: "cache/ftops/bases/quick-base-1.0.0/model")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, content) in [("config.json", "{}"), (file, text)] {
            try Data(content.utf8).write(to: folder.appending(path: name))
        }
    }

    /// What was asked of the trainer, a line each.
    private var counts: [String] {
        let log = (try? String(contentsOf: scenario.folder.appending(path: "quick.log"), encoding: .utf8)) ?? ""
        return log.split(separator: "\n").filter { $0.hasPrefix("counted ") }.map(String.init)
    }

    private struct Estimate: Decodable {
        let tokens: Int
        let tokensCounted: Bool
        let steps: Int
        let packs: Int?
    }

    private struct Document: Decodable {
        struct Item: Decodable { let estimate: Estimate }
        struct Finding: Decodable { let id: String, message: String }
        let items: [Item]
        let warnings: [Finding]
    }

    private func plan(_ options: String..., setting: [String: String] = [:]) throws -> Document {
        let process = try scenario.start(
            Scenario.executable.path,
            ["plan", "--json"] + options,
            environment: setting
        )
        let finished = process.wait()
        #expect(finished.status == 0, "\(finished.transcript)")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Document.self, from: Data(finished.output.utf8))
    }

    private func edit(_ old: String, _ new: String) throws {
        let text = try scenario.read("manifests/greeter.yaml")
        try scenario.write(text.replacingOccurrences(of: old, with: new), at: "manifests/greeter.yaml")
    }

    @Test("does so once a base's files are here, and starts no program for what it knows")
    func counted() throws {
        #expect(try plan().items.first?.estimate.tokensCounted == false)
        #expect(counts.isEmpty)

        try install()
        let estimate = try #require(try plan().items.first?.estimate)
        // The quick trainer counts words; six steps take all of them six times.
        let rows = try scenario.ftops("data", "render", "greeter").output
        let words = rows.split(whereSeparator: \.isWhitespace).count
        #expect(estimate.tokensCounted)
        #expect(estimate.tokens == words * 6)
        #expect(estimate.steps == 6)
        #expect(counts.count == 1)
        let text = try scenario.ftops("plan")
        let figure = estimate.tokens.formatted(.number.locale(Locale(identifier: "en_US")))
        #expect(text.output.contains("  \(figure) tokens"), "\(text.transcript)")
        #expect(text.errors == "")
        #expect(counts.count == 1)
    }

    @Test("counts again where rows, tokenizer or a hyperparameter that matters have changed, and only there")
    func again() throws {
        try install()
        var expected = 1
        func check(_ matters: Bool, _ change: () throws -> Void) throws {
            try change()
            if matters { expected += 1 }
            #expect(try plan().items.first?.estimate.tokensCounted == true)
            #expect(counts.count == expected)
        }
        try check(false) {}
        try check(false) { try edit("{max_steps: 6}", "{max_steps: 6, learning_rate: 1e-3, lora_rank: 4}") }
        try check(false) { try edit("max_steps: 6", "num_train_epochs: 2, train_batch_size: 4") }
        try check(true) { try edit("lora_rank: 4", "lora_rank: 4, chunk_size: 512") }
        try check(true) { try edit("lora_rank: 4", "lora_rank: 4, pack_sequences: true") }
        try check(true) { try edit("train_batch_size: 4", "train_batch_size: 5") }
        try check(true) { try install("tokenizer.json", "{ }") }
        try check(true) { try install("tokenizer.model", "pieces") }
        try check(false) { try install("model.safetensors", "weights") }
        try check(true) { try edit("Greet {name}:", "Hello {name}:") }
        try check(false) { try edit("Hello {name}:", "Greet {name}:") }
    }

    @Test(
        "falls back to its estimate where counting fails, and says so once",
        arguments: [
            (["FTOPS_QUICK_COUNT": "fail"], "could not be counted: its words are none", 1),
            (["FTOPS_QUICK_COUNT": "crash"], "was ended by signal 9", 1),
            (["FTOPS_QUICK_READY": "0"], "once the trainer's environment is there", 0),
        ]
    )
    func failing(environment: [String: String], message: String, count: Int) throws {
        try install()
        try scenario.write(
            try scenario.read("manifests/greeter.yaml") + """

                ---
                apiVersion: ftops/v1
                kind: FineTune
                metadata: {name: other}
                spec:
                  base: quick
                  dataset: greetings
                  template: greet
                  hyperparameters: {chunk_size: 512}
                  destination: acme/other

                """,
            at: "manifests/greeter.yaml"
        )
        let document = try plan(setting: environment)
        #expect(document.items.map(\.estimate.tokensCounted) == [false, false])
        #expect(document.warnings.map(\.id) == ["tokens-estimated"])
        #expect(document.warnings.first?.message.contains(message) == true, "\(document.warnings)")
        #expect(counts.count == count)
        #expect(try plan().items.map(\.estimate.tokensCounted) == [true, true])
    }

    @Test("counts nothing where it is told not to, but for what is known already")
    func never() throws {
        try install()
        #expect(try plan("--no-count").items.first?.estimate.tokensCounted == false)
        #expect(counts.isEmpty)
        #expect(try plan("--count").items.first?.estimate.tokensCounted == true)
        #expect(try plan("--no-count").items.first?.estimate.tokensCounted == true)
        #expect(counts.count == 1)
        // Only without a limit is none told.
        #expect(counts.first?.contains(#""seconds": null"#) == true)
    }

    @Test("says at the start of a long count what it is at")
    func long() throws {
        try install()
        let long = String(repeating: "welcome ", count: 70_000)
        let rows = (1...12).map { "{\"name\": \"\($0)\", \"greeting\": \"\(long)\"}\n" }.joined()
        try scenario.write(rows, at: "datasets/greetings.jsonl")
        let finished = try scenario.ftops("plan")
        #expect(finished.errors.hasPrefix("counting the tokens of greeter ("), "\(finished.errors)")
        #expect(counts.first?.contains(#""seconds": 30"#) == true || counts.first?.contains(#""seconds": 29"#) == true)
    }

    @Test("counts nothing for what is trained already")
    func trained() throws {
        try scenario.commit("Describe the greeter")
        #expect(try scenario.ftops("apply", "--auto-approve").status == 0)
        try install()
        #expect(try scenario.ftops("plan").status == 0)
        #expect(counts.isEmpty)
    }
}
