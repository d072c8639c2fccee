//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("A version is asked as its rows were joined")
struct JoiningTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        /// A row of the dataset, which needs no template.
        let row: String
        /// The fields of the evaluation's prompt; nothing where rows of this form have none.
        let asked: String?
        /// What the trainer was given for it.
        let rendered: String
        /// Flags of `ftops run`, and the prompt that the trainer is given for them.
        let runs: [([String], String)]

        var testDescription: String { name }
    }

    static let cases = [
        Case(
            name: "prompt and completion",
            row: #"{"prompt": "Name it", "completion": "Ann"}"#,
            asked: "{prompt: Hi}",
            rendered: #""prompt":"Hi\n""#,
            runs: [(["--prompt", "Hi"], #""Hi\n""#)]
        ),
        Case(
            name: "text",
            row: #"{"text": "Once upon a time"}"#,
            asked: "{text: Hi}",
            rendered: #""prompt":"Hi""#,
            runs: [(["--text", "Hi"], #""Hi""#), (["--prompt", "Hi"], #""Hi""#)]
        ),
        Case(
            name: "messages",
            row: #"{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}"#,
            asked: nil,
            rendered: #""prompts":[]"#,
            runs: [
                (["--messages", "Hi"], #"{"messages": [{"content": "Hi", "role": "user"}]}"#),
                (
                    ["--messages", #"[{"role": "system", "content": "Be kind"}, {"role": "user", "content": "Hi"}]"#],
                    #"{"messages": [{"content": "Be kind", "role": "system"}, {"content": "Hi", "role": "user"}]}"#
                ),
            ]
        ),
    ]

    private static func manifest(_ asked: String?) -> String {
        """
        apiVersion: ftops/v1
        kind: Dataset
        metadata: {name: plain}
        spec: {source: datasets/plain.jsonl}
        ---
        apiVersion: ftops/v1
        kind: BaseModel
        metadata: {name: quick}
        spec: {parameters: 1M, context: 1024, node: {python: quick-base==1.0.0}}
        ---
        apiVersion: ftops/v1
        kind: FineTune
        metadata: {name: plain}
        spec:
          base: quick
          dataset: plain
          destination: acme/plain
          evaluation: {prompts: [\(asked ?? "")], metrics: [loss]}
        """
    }

    /// What the trainer was given, without white space between its parts.
    private static func job(of scenario: Scenario) throws -> String {
        let runs = scenario.folder.appending(path: "state/runs")
        let names = try FileManager.default.contentsOfDirectory(atPath: runs.path)
        let name = try #require(names.count == 1 ? names[0] : nil)
        return try String(contentsOf: runs.appending(path: name).appending(path: "job.json"), encoding: .utf8)
            .replacing(": ", with: ":")
    }

    @Test("in training, in the evaluation and by run", arguments: cases)
    func joins(_ example: Case) throws {
        let scenario = try Scenario()
        try scenario.write(Self.manifest(example.asked), at: "manifests/plain.yaml")
        try scenario.write(example.row + "\n", at: "datasets/plain.jsonl")
        try scenario.commit("Describe rows that need no template")
        let apply = try scenario.ftops("apply", "--auto-approve")
        try #require(apply.status == 0, "\(apply.transcript)")
        let job = try Self.job(of: scenario)
        #expect(job.contains(example.rendered), "\(job)")
        for (flags, prompt) in example.runs {
            let run = try scenario.start(
                Scenario.executable.path,
                ["run", "acme/plain"] + flags,
                environment: ["FTOPS_QUICK_ECHO": "1"]
            ).wait()
            #expect(run.output == prompt + "\n", "\(run.transcript)")
        }
        let nothing = try scenario.ftops("run", "acme/plain")
        #expect(nothing.status == 64, "\(nothing.transcript)")
    }

    @Test("and evaluation prompts that lack its rows' field are told by the plan")
    func lacks() throws {
        let scenario = try Scenario()
        try scenario.write(Self.manifest("{prompt: Hi}"), at: "manifests/plain.yaml")
        try scenario.write("{\"text\": \"Once upon a time\"}\n", at: "datasets/plain.jsonl")
        try scenario.commit("Ask texts for a prompt")
        let plan = try scenario.ftops("plan")
        #expect(plan.status == 1 && plan.errors.contains("missing field \"text\""), "\(plan.transcript)")
    }
}
