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

@Suite("Saved plans")
struct SavedPlanTests {
    private func planned() throws -> Scenario {
        let scenario = try Scenario()
        try scenario.writeManifests()
        try scenario.commit("Describe the greeter")
        let plan = try scenario.ftops("plan", "--out", "../plan.json")
        try #require(plan.status == 0, "\(plan.transcript)")
        return scenario
    }

    @Test("are applied without a question, and do no more than they say")
    func applied() throws {
        let scenario = try planned()
        let more = Scenario.manifest().components(separatedBy: "---\n").suffix(1).joined()
            .replacingOccurrences(of: "{name: greeter}", with: "{name: another}")
            .replacingOccurrences(of: "max_steps: 6", with: "max_steps: 7")
        try scenario.write(more, at: "manifests/another.yaml")
        try scenario.git("add", "manifests")
        try scenario.git("commit", "--quiet", "-m", "Ask for another")
        let apply = try scenario.ftops("apply", "../plan.json", "--json")
        try #require(apply.status == 0, "\(apply.transcript)")
        let items = try #require(try JSONParser.parse(apply.output)["items"]?.array)
        #expect(items.map { $0["fine_tunes"] } == [["greeter"]])
        #expect(items.first?["outcome"] == "done")
    }

    @Test("are shown as plan showed them, down to the rows that came and went")
    func alike() throws {
        let scenario = try Scenario.trained()
        try scenario.write((2...23).map(Scenario.row).joined(), at: "datasets/greetings.jsonl")
        try scenario.commit("Add rows")
        let plan = try scenario.ftops("plan", "--out", "../plan.json")
        #expect(plan.output.contains("~ update (+3 -1 rows)  greeter"), "\(plan.transcript)")
        let show = try scenario.ftops("show", "../plan.json")
        #expect(show.status == 0 && show.output == plan.output, "\(show.transcript)")
    }

    @Test("are refused where a fingerprint or an action would come out differently, and say which")
    func stale() throws {
        let scenario = try planned()
        try scenario.writeManifests(hyperparameters: "{max_steps: 7}")
        try scenario.commit("Train longer")
        let other = try scenario.ftops("apply", "../plan.json")
        #expect(other.status == 1)
        #expect(other.errors.contains("the plan is stale: greeter would be trained on something else now"))
        #expect(try scenario.ftops("show", "../plan.json").output.contains("+ create  greeter -> acme/greeter"))

        try scenario.git("revert", "--no-edit", "HEAD")
        let apply = try scenario.ftops("apply", "--auto-approve")
        try #require(apply.status == 0, "\(apply.transcript)")
        let done = try scenario.ftops("apply", "../plan.json")
        #expect(done.status == 1)
        #expect(done.errors.contains("greeter was create, and is up-to-date now"))
    }

    @Test("are refused where somebody changed them")
    func tampered() throws {
        let scenario = try planned()
        let text = try scenario.read("../plan.json")
        try scenario.write(text.replacingOccurrences(of: "\"gpus\":1", with: "\"gpus\":8"), at: "../plan.json")
        let apply = try scenario.ftops("apply", "../plan.json")
        #expect(apply.status == 1)
        #expect(apply.errors.contains("the plan was changed after it was written"))
        try scenario.write("{}", at: "../plan.json")
        #expect(try scenario.ftops("apply", "../plan.json").errors.contains("this is no plan of ftops"))
        #expect(try scenario.ftops("apply", "../plan.json", "--target", "greeter").status == 64)
    }

    @Test("are canonical JSON without rows, and tell by their exit code whether there are changes")
    func shown() throws {
        let scenario = try planned()
        let text = try scenario.read("../plan.json")
        #expect(!text.contains("Welcome, guest"))
        let value = try JSONParser.parse(text)
        #expect(text == CanonicalJSON.text(value) + "\n")
        #expect(value["digest"]?.string?.count == 64)
        let show = try scenario.ftops("show", "../plan.json", "--detailed-exitcode")
        #expect(show.status == 2)
        #expect(show.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
        let json = try scenario.ftops("show", "../plan.json", "--json")
        #expect(json.status == 0)
        #expect(try JSONParser.parse(json.output)["digest"] == value["digest"])
    }

    @Test("come in every format, and with the exit code that was asked for")
    func formats() throws {
        let scenario = try planned()
        let markdown = try scenario.ftops("plan", "--format", "markdown", "--detailed-exitcode")
        #expect(markdown.status == 2)
        #expect(markdown.output.hasPrefix("<!-- ftops:plan -->\n"))
        #expect(markdown.output.contains("| `+` create | greeter | acme/greeter |"))
        #expect(try scenario.ftops("plan", "--format", "github").status == 0)
        let apply = try scenario.ftops("apply", "--auto-approve")
        try #require(apply.status == 0, "\(apply.transcript)")
        #expect(try scenario.ftops("plan", "--detailed-exitcode").status == 0)
        #expect(try scenario.ftops("plan", "--format", "yaml").status == 64)
        try scenario.write("kind: Nothing\n", at: "manifests/bad.yaml")
        #expect(try scenario.ftops("plan").status == 1)
    }
}
