//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Glibc
import Testing

@Suite("Evaluating a version")
struct EvaluateTests {
    /// All that may not change by it: commits, the ledger, and what is checked out.
    private static func state(_ scenario: Scenario) throws -> String {
        try scenario.git("for-each-ref") + scenario.git("status", "--porcelain") + scenario.read(scenario.versions()[0])
    }

    /// The lines of a table, however wide its columns are.
    private static func lines(_ text: String) -> [String] {
        text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    }

    @Test("prints base and version with the interval of the difference, and changes nothing")
    func table() throws {
        let scenario = try Scenario.trained()
        let before = try Self.state(scenario)
        let evaluate = try scenario.ftops("evaluate", "acme/greeter")
        #expect(evaluate.status == 0, "\(evaluate.transcript)")
        #expect(
            Self.lines(evaluate.output) == [
                "metric base version change 95% interval n",
                "validation loss 3.0000 0.6000 -2.4000 [-2.5000, -2.2500] 4",
                "exact on validation 0.250 0.750 +0.500 [+0.400, +0.625] 30",
                "exact on prompts 0.000 1.000 +1.000 - 1",
            ],
            "\(evaluate.transcript)"
        )
        for step in ["loading the base", "its base: 1 of 1 answers", "acme/greeter:1: 1 of 1 answers"] {
            #expect(evaluate.errors.contains(step), "\(evaluate.transcript)")
        }
        #expect(try Self.state(scenario) == before)
        #expect(try scenario.completedTrainings() == 1)
    }

    @Test("takes other metrics and rows than the manifests ask for")
    func options() throws {
        let scenario = try Scenario.trained()
        let evaluate = try scenario.ftops(
            "evaluate",
            "acme/greeter:1",
            "--metrics",
            "rougeL,f1",
            "--rows",
            "2",
            "--json"
        )
        #expect(evaluate.status == 0, "\(evaluate.transcript)")
        let found = evaluate.output.matches(of: #/"metric": "([a-zA-Z0-9_]+)",\s+"set": "(\w+)"/#)
        let names = found.map { "\($0.1) \($0.2)" }
        #expect(names == ["rougeL validation", "rougeL prompts", "f1 validation", "f1 prompts"])
        #expect(evaluate.output.contains(#""examples": 2"#) && !evaluate.output.contains(#""examples": 30"#))
    }

    @Test(
        "refuses what it cannot measure",
        arguments: [
            (["--metrics", "rougel"], 64, "- rougeL"), (["--metrics", "f1,"], 64, "'f1,'"),
            (["--metrics", "f1,f1"], 64, "--metrics"), (["--rows", "0"], 64, "--rows is at least 1"),
        ]
    )
    func refuses(arguments: [String], status: Int32, words: String) throws {
        let scenario = try Scenario()
        let evaluate = try scenario.start(
            Scenario.executable.path,
            ["evaluate", "acme/greeter"] + arguments
        ).wait()
        #expect(evaluate.status == status && evaluate.errors.contains(words), "\(evaluate.transcript)")
    }

    @Test("says what lacks where no manifest has an evaluation, or the fine-tune, any more")
    func lacks() throws {
        let scenario = try Scenario.trained()
        let manifest = try scenario.read("manifests/greeter.yaml")
        let cut = try #require(manifest.range(of: "  evaluation:"))
        try scenario.write(String(manifest[..<cut.lowerBound]), at: "manifests/greeter.yaml")
        try scenario.commit("Judge no more")
        let bare = try scenario.ftops("evaluate", "acme/greeter")
        #expect(bare.status == 1 && bare.errors.contains("--metrics loss,rougeL"), "\(bare.transcript)")
        #expect(try scenario.ftops("evaluate", "acme/greeter", "--metrics", "loss").output.contains("-2.4000"))
        try scenario.git("rm", "--quiet", "manifests/greeter.yaml")
        try scenario.commit("Forget the greeter")
        let gone = try scenario.ftops("evaluate", "acme/greeter")
        #expect(gone.status == 1 && gone.errors.contains("no manifest has any more"), "\(gone.transcript)")
    }

    @Test("warns where the rows are not those that the version was trained beside")
    func otherRows() throws {
        let scenario = try Scenario.trained()
        try scenario.write((1...24).map(Scenario.row).joined(), at: "datasets/greetings.jsonl")
        try scenario.commit("Greet more guests")
        let evaluate = try scenario.ftops("evaluate", "acme/greeter", "--json")
        #expect(evaluate.status == 0 && evaluate.errors.contains("may have seen some"), "\(evaluate.transcript)")
        #expect(evaluate.output.contains(#""rows_changed": true"#))
    }

    @Test("a metric that is asked for later plans an evaluation, which extends the record and the report")
    func laterMetric() throws {
        let scenario = try Scenario.trained()
        let manifest = try scenario.read("manifests/greeter.yaml").replacing(
            "exact_match]",
            with: "exact_match, rougeL]"
        )
        try scenario.write(manifest, at: "manifests/greeter.yaml")
        try scenario.commit("Measure by ROUGE too")
        let plan = try scenario.ftops("plan", "--detailed-exitcode")
        #expect(plan.status == 2 && plan.output.contains("? evaluate"), "\(plan.transcript)")
        #expect(try scenario.ftops("apply", "--auto-approve").status == 0)
        #expect(try scenario.completedTrainings() == 1)
        let record = try scenario.read(try #require(scenario.versions().first))
        #expect(record.contains("metric: rougeL") && record.contains("validationAnswers:"), "\(record)")
        for text in ["show", "compare"] {
            let told = try scenario.ftops(text, "acme/greeter").output
            let line = "rougeL on validation 0.250 0.750 +0.500 [+0.400, +0.625] 30"
            #expect(Self.lines(told).contains(line), "\(told)")
        }
        let report = try scenario.read("versions/acme/greeter/README.md")
        #expect(report.contains("| rougeL on validation | 0.250 | 0.750 | +0.500 |"), "\(report)")
        #expect(report.contains("### On validation rows") && report.contains("| row 4 | Greet Guest"), "\(report)")
        #expect(try scenario.ftops("plan", "--detailed-exitcode").status == 0)
    }

    @Test("a record of an earlier release has no intervals, and is shown as it was")
    func earlierRecord() throws {
        let scenario = try Scenario.trained()
        let file = try #require(scenario.versions().first)
        let record = try scenario.read(file)
        let start = try #require(record.range(of: "  validationAnswers:"))
        let end = try #require(record.range(of: "\nweights:"))
        let upper = record.index(after: end.lowerBound)
        try scenario.write(String(record[..<start.lowerBound] + record[upper...]), at: file)
        try scenario.commit("Be an earlier release")
        let show = try scenario.ftops("show", "acme/greeter")
        #expect(
            show.status == 0 && show.output.contains("exact on prompts     0/1 (0%) -> 1/1 (100%)"),
            "\(show.transcript)"
        )
        #expect(try scenario.ftops("plan", "--detailed-exitcode").status == 0)
        #expect(try scenario.ftops("evaluate", "acme/greeter").output.contains("[-2.5000, -2.2500]"))
    }

    @Test(
        "measures by the real trainer what the training measured, of a tiny base",
        .enabled(if: Scenario.hasRealTrainer, "the trainer's environment is not there: make setup makes it")
    )
    func realTrainer() throws {
        let scenario = try Scenario()
        try scenario.describeTiny(
            hyperparameters: "{max_steps: 4, lora_rank: 2, learning_rate: 1e-2}",
            metrics: "[loss, perplexity, rouge1, rougeL, f1, json_validity]"
        )
        let apply = try scenario.ftops("apply", "--auto-approve")
        try #require(apply.status == 0, "\(apply.transcript)")
        let show = try scenario.ftops("show", "acme/greeter")
        let before = try Self.state(scenario)
        let evaluate = try scenario.ftops("evaluate", "acme/greeter")
        #expect(evaluate.status == 0, "\(evaluate.transcript)")
        let lines = Self.lines(evaluate.output).dropFirst()
        #expect(lines.count == 10, "\(evaluate.transcript)")
        // The very figures stand in the version's record, from the passes that the training made.
        for line in lines { #expect(Self.lines(show.output).contains(line), "\(line) in \(show.transcript)") }
        #expect(evaluate.output.contains(#/validation loss .* \[-[0-9.]+, -[0-9.]+\] +4\n/#), "\(evaluate.transcript)")
        #expect(try Self.state(scenario) == before)
    }
}
