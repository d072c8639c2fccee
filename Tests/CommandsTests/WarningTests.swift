//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import JSON
import Testing

/// A repository about which there is one thing worth knowing.
struct WarningFixture: CustomTestStringConvertible, Sendable {
    let code: String
    /// What the message has in it.
    let says: String
    /// The line of the manifest that it is about begins so.
    let at: String
    /// What is written instead of what in the manifest.
    var edits: [(String, String)] = []
    /// Rows behind twenty plain ones.
    var rows: [String] = []

    var testDescription: String { code + ": " + says }

    static func row(_ name: String, _ greeting: String = "Hello!", _ more: String = "") -> String {
        "{\"name\": \"\(name)\", \"greeting\": \"\(greeting)\"\(more)}\n"
    }

    static let stated = "hardware: {tokens_per_second: 100, price_per_minute: 0.348, startup: 1m}"

    static let all = [
        WarningFixture(
            code: "unused-fields",
            says: "template greet leaves out `mood` of dataset greetings",
            at: "  prompt: \"Greet",
            rows: [row("Ann B", "Hi", ", \"mood\": \"glad\", \"id\": 7")]
        ),
        WarningFixture(
            code: "empty-render",
            says: "1 row with an empty prompt and 2 rows with an empty completion",
            at: "  source:",
            rows: [row(""), row("Bob", ""), row("Cy", " ")]
        ),
        WarningFixture(
            code: "long-rows",
            says: "~1 row over the 1,024 tokens that quick reads: it is cut, and left out as nothing",
            at: "  context: 1024",
            rows: [row(String(repeating: "longer ", count: 1200))]
        ),
        WarningFixture(
            code: "long-rows",
            says: "~2 rows over the 64 tokens of `chunk_size`: they are cut",
            at: "  hyperparameters:",
            edits: [("{max_steps: 6}", "{max_steps: 6, chunk_size: 64}")],
            rows: [
                row("Dan", String(repeating: "so ", count: 100)), row("Eve", String(repeating: "ha ", count: 90)),
            ]
        ),
        WarningFixture(
            code: "duplicate-rows",
            says: "dataset greetings has 2 rows that are the same as an earlier one",
            at: "  source:",
            edits: [("  validation: {rows: 4, seed: 7}\n", "")],
            rows: [row("Fay"), row("Fay"), row("Fay")]
        ),
        WarningFixture(
            code: "validation-trains",
            says: "dataset greetings has 1 row that validates and trains too",
            at: "  validation:",
            edits: [("{rows: 4, seed: 7}", "{source: datasets/validation.jsonl}")]
        ),
        WarningFixture(
            code: "evaluation-trains",
            says: "evaluation prompt 1 is trained on too",
            at: "    prompts:",
            edits: [("  validation: {rows: 4, seed: 7}\n", "")],
            rows: [row("Ann")]
        ),
        WarningFixture(
            code: "unusual-learning-rate",
            says: "a learning rate of 0.02 is unusual for LoRA",
            at: "  hyperparameters:",
            edits: [("{max_steps: 6}", "{max_steps: 6, learning_rate: 2e-2}")]
        ),
        WarningFixture(
            code: "large-adapter",
            says: "its adapter has rank 520, and vLLM serves none over 512",
            at: "  hyperparameters:",
            edits: [("{max_steps: 6}", "{max_steps: 6, lora_rank: 520}")]
        ),
        WarningFixture(
            code: "tight-memory",
            says: "it needs about 1.3 GB of memory, and the hardware has 1.4 GB; a device of 8 GB would do",
            at: "  node:",
            edits: [("quick-base==1.0.0", "quick-base==1.0.0, hardware: {memory: 1.4 GB}")]
        ),
        WarningFixture(
            code: "large-first-training",
            says: "a first training on 5,005 rows takes 10 min, $3; `limit: 1000` would take 3 min, $0.97",
            at: "  dataset:",
            edits: [
                ("{max_steps: 6}", "{}"), ("quick-base==1.0.0", "quick-base==1.0.0, \(stated)"),
                ("  validation: {rows: 4, seed: 7}\n", ""),
            ],
            rows: (1...4985).map { row("Guest number \($0)") }
        ),
        WarningFixture(
            code: "personal-data",
            says: "dataset greetings has e-mail addresses in 2 rows, phone numbers in 1 row",
            at: "  source:",
            rows: [row("gil@acme.org"), row("Hal", "Call +49 151 23456789"), row("ida@mail.acme.org")]
        ),
        WarningFixture(
            code: "secret-in-data",
            says: "dataset greetings has what looks like a key or a password in 1 row",
            at: "  source:",
            rows: [row("ghp_abcdefghijklmnopqrstuvwxyz0123456789")]
        ),
    ]

    func scenario(_ project: String = "") throws -> Scenario {
        let scenario = try Scenario()
        var manifest = edits.reduce(Scenario.manifest()) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
        if !project.isEmpty {
            let head = "apiVersion: ftops/v1\nkind: Project\nmetadata: {name: acme}\nspec:\n"
            manifest += "\n---\n" + head + "  warnings:\n    \(project)\n"
        }
        try scenario.write(manifest, at: "manifests/greeter.yaml")
        try scenario.write((1...20).map(Scenario.row).joined() + rows.joined(), at: "datasets/greetings.jsonl")
        try scenario.write(Self.row("Zoe") + Scenario.row(3), at: "datasets/validation.jsonl")
        try scenario.commit("Describe the greeter")
        return scenario
    }

    /// The line that the warning is about.
    var line: Int? {
        let manifest = edits.reduce(Scenario.manifest()) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
        return manifest.split(separator: "\n", omittingEmptySubsequences: false).firstIndex { $0.hasPrefix(at) }
            .map { $0 + 1 }
    }
}

@Suite("Warnings about what is to be trained")
struct WarningTests {
    private static func warnings(_ plan: Finished) throws -> [JSONValue] {
        try #require(plan.status == 0, "\(plan.transcript)")
        return try #require(try JSONParser.parse(plan.output)["warnings"]?.array)
    }

    @Test("are each told at their line, as text and JSON, and explained", arguments: WarningFixture.all)
    func told(_ fixture: WarningFixture) throws {
        let scenario = try fixture.scenario()
        let line = try #require(fixture.line)
        let warnings = try Self.warnings(try scenario.ftops("plan", "--json"))
        #expect(warnings.map { $0["id"]?.string } == [fixture.code], "\(warnings)")
        #expect(warnings.first?["message"]?.string?.contains(fixture.says) == true, "\(warnings)")
        #expect(warnings.first?["line"]?.int == line && warnings.first?["file"] == "manifests/greeter.yaml")
        let text = try scenario.ftops("plan")
        #expect(text.output.contains("+ create  greeter"), "\(text.transcript)")
        #expect(text.errors.contains("manifests/greeter.yaml:\(line):"), "\(text.transcript)")
        #expect(text.errors.contains("warning: ") && text.errors.contains("[\(fixture.code)]"), "\(text.transcript)")
        for secret in ["ghp_", "gil@", "+49 151"] {
            #expect(!(text.transcript + "\(warnings)").contains(secret), "\(text.transcript)")
        }
        let why = try scenario.ftops("why", fixture.code)
        #expect(why.status == 0 && why.output.hasPrefix(fixture.code + "\n  means  "), "\(why.transcript)")
    }

    @Test("are silent, or block like a policy, where Project says so", arguments: WarningFixture.all)
    func rules(_ fixture: WarningFixture) throws {
        let silent = try fixture.scenario("silence: [same-training, \(fixture.code)]").ftops("plan")
        #expect(silent.errors.isEmpty && silent.output.contains("+ create  greeter"), "\(silent.transcript)")
        let scenario = try fixture.scenario("deny: [same-training, \(fixture.code)]")
        // The last line of the manifest, behind which there is a line feed.
        let line = try scenario.read("manifests/greeter.yaml").count { $0 == "\n" }
        let plan = try scenario.ftops("plan", "--json", "--detailed-exitcode")
        let item = try #require(try JSONParser.parse(plan.output)["items"]?.array?.first)
        #expect(plan.status == 0 && item["action"] == "blocked", "\(plan.transcript)")
        #expect(item["blocked"]?["kind"] == "policy" && item["blocked"]?["line"]?.int == line, "\(plan.transcript)")
        let reason = try #require(item["blocked"]?["reason"]?.string)
        #expect(reason.contains(fixture.says) && reason.hasSuffix("[\(fixture.code)]"))
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 10 && apply.output.contains("x blocked (policy)  greeter"), "\(apply.transcript)")
        #expect(apply.output.contains("manifests/greeter.yaml:\(line)"), "\(apply.transcript)")
        #expect(try scenario.completedTrainings() == 0)
    }

    @Test("of a row that lacks a template's field is an error, with its file and line")
    func missingField() throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        try scenario.write(Scenario.row(1) + "{\"name\": \"Ann\"}\n", at: "datasets/greetings.jsonl")
        let plan = try scenario.ftops("plan")
        #expect(plan.status == 1 && plan.errors.contains("datasets/greetings.jsonl:2:"), "\(plan.transcript)")
        #expect(plan.errors.contains("missing field \"greeting\""), "\(plan.transcript)")
    }

    @Test("there are none about the examples of this repository")
    func examples() throws {
        let scenario = try Scenario()
        for folder in ["manifests", "datasets"] {
            try FileManager.default.copyItem(
                at: Scenario.package.appending(path: folder),
                to: scenario.repository.appending(path: folder)
            )
        }
        try scenario.commit("Start from the examples")
        #expect(try Self.warnings(try scenario.ftops("plan", "--json")).isEmpty)
    }

    @Test("there is one for a sweep, not one for each of its points")
    func sweep() throws {
        let many = try #require(WarningFixture.all.first { $0.code == "large-first-training" })
        let swept = WarningFixture(
            code: many.code,
            says: many.says,
            at: many.at,
            edits: many.edits + [("  hyperparameters: {}", "  sweep: {num_train_epochs: [1, 2], seed: [1, 2]}")],
            rows: many.rows
        )
        let plan = try swept.scenario().ftops("plan", "--json")
        #expect(try Self.warnings(plan).map { $0["id"]?.string } == [many.code])
    }

    @Test("are left out about what a base trains anyway")
    func base() throws {
        let rate = "{max_steps: 6, learning_rate: 2e-2}"
        let scenario = try Scenario()
        try scenario.writeManifests(hyperparameters: rate)
        try scenario.commit("Describe the greeter")
        try scenario.git("checkout", "--quiet", "-b", "change")
        let more = Scenario.manifest(hyperparameters: "{max_steps: 9, learning_rate: 1e-7}")
            .components(separatedBy: "---\n").suffix(1).joined()
            .replacingOccurrences(of: "{name: greeter}", with: "{name: another}")
        try scenario.write(more, at: "manifests/another.yaml")
        try scenario.commit("Ask for another")
        #expect(try Self.warnings(try scenario.ftops("plan", "--json")).count == 2)
        let left = try Self.warnings(try scenario.ftops("plan", "--json", "--base", "main"))
        #expect(left.map { $0["file"]?.string } == ["manifests/another.yaml"], "\(left)")
    }

    @Test("are the same when nothing is read for them")
    func cached() throws {
        let fixture = try #require(WarningFixture.all.first { $0.code == "personal-data" })
        let scenario = try fixture.scenario()
        scenario.environment["FTOPS_CLOCK_OFFSET"] = "60"
        let read = try scenario.ftops("plan", "--json", "--no-cache")
        let first = try scenario.ftops("plan", "--json")
        let data = scenario.repository.appending(path: "datasets/greetings.jsonl").path
        // What is not opened need not be readable; the beginning of a file is looked at for its format only.
        let notes = scenario.folder.appending(path: "cache/ftops/inspected")
        let kept = try FileManager.default.subpathsOfDirectory(atPath: notes.path).filter { $0.hasSuffix(".note") }
        #expect(kept.count == 1)
        let before = try FileManager.default.attributesOfItem(atPath: data)[.modificationDate] as? Date
        let second = try scenario.ftops("plan", "--json")
        #expect(read.output == first.output && first.output == second.output)
        #expect(before == (try FileManager.default.attributesOfItem(atPath: data)[.modificationDate] as? Date))
        for note in kept {
            let text = try String(contentsOf: notes.appending(path: note), encoding: .utf8)
            #expect(!text.contains("gil@") && !text.contains("23456789"))
        }
    }

    @Test("row lengths tell how rows pack")
    func packs() throws {
        let scenario = try Scenario()
        try scenario.write(
            Scenario.manifest(hyperparameters: "{pack_sequences: true, chunk_size: 32, train_batch_size: 1}")
                .replacingOccurrences(of: "  validation: {rows: 4, seed: 7}\n", with: ""),
            at: "manifests/greeter.yaml"
        )
        // Each row has more than half of what a pack holds, so that none shares one, however few the tokens are in all.
        let row = WarningFixture.row("Ann and Bob", String(repeating: "so ", count: 12))
        let rows = (1...9).map { row.replacing("Ann", with: "Ann\($0)") }
        try scenario.write(rows.joined(), at: "datasets/greetings.jsonl")
        let plan = try scenario.ftops("plan", "--json")
        let estimate = try #require(try JSONParser.parse(plan.output)["items"]?.array?.first?["estimate"])
        #expect(estimate["packs"] == 9 && estimate["steps"] == 9, "\(plan.transcript)")
    }
}
