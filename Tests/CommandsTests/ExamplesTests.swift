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

@Suite("make run and make examples")
struct ExamplesTests {
    @Test("plan what they train without any warning")
    func plansWithoutWarning() throws {
        let scenario = try Scenario()
        for folder in ["manifests", "datasets"] {
            try FileManager.default.copyItem(
                at: Scenario.package.appending(path: folder),
                to: scenario.repository.appending(path: folder)
            )
        }
        try scenario.commit("Ask for all of it")
        let plan = try scenario.ftops("plan", "--json")
        try #require(plan.status == 0, "\(plan.transcript)")
        let document = try JSONParser.parse(plan.output)
        #expect(document["warnings"]?.array?.isEmpty == true, "\(plan.transcript)")
        #expect(document["summary"]?["create"]?.int == 6 && document["summary"]?["blocked"]?.int == 5)
        #expect(try scenario.ftops("fmt", "--check").status == 0)
    }

    @Test("examples trains each task once, goes on where it was stopped, and then prints its table only")
    func trainsExamples() throws {
        let scenario = try Scenario()
        let failing = ["FTOPS_QUICK_FAIL": "diverged:the loss is not a number", "FTOPS_QUICK_FAIL_RANK": "16"]
        let failed = try make("examples", in: scenario, environment: failing)
        #expect(failed.status == 1 && failed.output.contains("--retry-failed"), "\(failed.transcript)")
        #expect(failed.output.contains("| examples/ships-log "), "\(failed.transcript)")
        #expect(!failed.output.contains("| examples/railway "), "\(failed.transcript)")
        let repository = scenario.folder.appending(path: "examples/repository")
        let retried = try scenario.start(
            Scenario.executable.path,
            ["apply", "--auto-approve", "--retry-failed"],
            in: repository,
            environment: ["FTOPS_STATE": scenario.folder.appending(path: "examples/state").path]
        ).wait()
        #expect(retried.status == 0, "\(retried.transcript)")
        let again = try make("examples", in: scenario)
        #expect(again.status == 0, "\(again.transcript)")
        for task in ["railway", "ships-log", "summarizer", "town-desk", "workshop"] {
            #expect(again.output.contains("| examples/\(task) "), "\(again.transcript)")
        }
        #expect(again.output.contains("| loss, validation"), "\(again.transcript)")
        #expect(try scenario.completedTrainings() == 5)
        #expect(try scenario.git("status", "--porcelain", in: repository).isEmpty)
    }

    @Test("run has a repository with the demo alone")
    func demoIsAlone() throws {
        let scenario = try Scenario()
        let demo = try make("demo", in: scenario)
        #expect(demo.status == 0, "\(demo.transcript)")
        #expect(try scenario.completedTrainings() == 1)
        let repository = scenario.folder.appending(path: "demo/repository")
        let files = try scenario.git("ls-files", "manifests", "datasets", in: repository).split(separator: "\n")
        #expect(files.contains("manifests/support.yaml") && files.contains("manifests/bases/llama-2-7b.yaml"))
        #expect(files.filter { $0.contains("example") }.isEmpty)
    }

    @Test("the table has whatever there is of base and version, the newest version of each model")
    func table() throws {
        let scenario = try Scenario()
        let table = Scenario.package.appending(path: ".make/examples-table").path
        let script = "cat > in.json <<'END'\n\(Self.versions)\nEND\n'\(table)' < in.json"
        let finished = try scenario.start("/bin/sh", ["-c", script]).wait()
        #expect(finished.status == 0, "\(finished.transcript)")
        let lines = finished.output.split(separator: "\n").map { line in
            line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        #expect(
            Array(lines.dropFirst(2)) == [
                ["examples/log", "186 rows", "", "2m 05s"],
                ["", "loss, validation", "3.5", "1"],
                ["", "perplexity, validation", "33.12", "2.718"],
                ["", "tokens", "20", "10"],
                ["", "exact match, validation", "0/9", "7/9"],
                ["", "exact match, prompts", "-", "2/3"],
                ["", "rougeL, validation", "0.25", "0.5123"],
            ]
        )
    }

    /// What `ftops versions --json` could print one day.
    private static let versions = """
        {"format_version": "1.0", "versions": [
          {"model": "examples/log", "number": 1, "started": "2026-11-29T10:00:00Z", "ended": "2026-11-29T10:01:00Z",
           "train_rows": 12, "validation_loss": 2.0, "base_validation_loss": 3.5, "exact_match": [], "cost": null},
          {"model": "examples/log", "number": 2, "started": "2026-11-29T10:00:00Z", "ended": "2026-11-29T10:02:05Z",
           "train_rows": 186, "validation_loss": 1.0, "base_validation_loss": 3.5, "tokens": 10, "base_tokens": 20,
           "exact_match": [{"set": "validation", "base": 0, "version": 7, "of": 9},
                           {"set": "prompts", "base": null, "version": 2, "of": 3},
                           {"set": "none", "base": 0, "version": 0, "of": 0}],
           "metrics": [{"metric": "loss", "set": "validation", "base": 3.5, "version": 1.0, "lower": null},
                       {"metric": "exact_match", "set": "validation", "base": 0.0, "version": 0.7777777},
                       {"metric": "rougeL", "set": "validation", "base": 0.25, "version": 0.51234}],
           "weights": [{"name": "adapter", "size": 1, "sha256": "ab"}], "fine_tunes": ["log"]}]}
        """

    private func make(
        _ name: String,
        in scenario: Scenario,
        environment extra: [String: String] = [:]
    ) throws -> Finished {
        var environment = [
            "FTOPS_DEMO": scenario.folder.appending(path: "demo").path,
            "FTOPS_EXAMPLES": scenario.folder.appending(path: "examples").path,
        ]
        environment.merge(extra) { $1 }
        let script = Scenario.package.appending(path: ".make/\(name)").path
        return try scenario.start(script, [], environment: environment).wait()
    }
}
