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

@Suite("A plan against a base")
struct PlanBaseTests {
    private func items(_ scenario: Scenario, _ arguments: String...) throws -> [JSONValue] {
        let plan = try scenario.start(Scenario.executable.path, ["plan", "--json"] + arguments).wait()
        try #require(plan.status == 0, "\(plan.transcript)")
        return try #require(try JSONParser.parse(plan.output)["items"]?.array)
    }

    @Test("is what merging the change trains: neither what the base trains anyway, nor what only moved there")
    func base() throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        try scenario.commit("Describe the greeter")
        try scenario.git("checkout", "--quiet", "-b", "change")
        let more = Scenario.manifest().components(separatedBy: "---\n").suffix(1).joined()
            .replacingOccurrences(of: "{name: greeter}", with: "{name: another}")
            .replacingOccurrences(of: "max_steps: 6", with: "max_steps: 9")
        try scenario.write(more, at: "manifests/another.yaml")
        try scenario.commit("Ask for another")
        #expect(try items(scenario).count == 2)
        #expect(try items(scenario, "--base", "main").map { $0["fine_tunes"] } == [["another"]])

        try scenario.git("checkout", "--quiet", "main")
        try scenario.writeManifests(hyperparameters: "{max_steps: 7}")
        try scenario.commit("Train longer")
        try scenario.git("checkout", "--quiet", "change")
        #expect(try items(scenario, "--base", "main").map { $0["fine_tunes"] } == [["another"]])
        #expect(try items(scenario, "--ref", "main", "--base", "change").map { $0["fine_tunes"] } == [["greeter"]])
        let text = try scenario.ftops("plan", "--base", "main")
        #expect(text.output.contains("what main would do anyway is left out"))
        #expect(try scenario.ftops("plan", "--base", "nowhere").status == 1)
    }

    @Test("leaves out what the base alone has changed, trained or not, and warns of what both have")
    func moved() throws {
        let scenario = try Scenario.trained()
        let other = Scenario.manifest().components(separatedBy: "---\n").suffix(1).joined()
            .replacingOccurrences(of: "{name: greeter}", with: "{name: other}")
        let write = { (steps: Int) in
            try scenario.write(
                other.replacingOccurrences(of: "max_steps: 6", with: "max_steps: \(steps)"),
                at: "manifests/other.yaml"
            )
        }
        try write(5)
        try scenario.commit("Ask for another")
        try scenario.git("checkout", "--quiet", "-b", "change")
        try scenario.writeManifests(hyperparameters: "{max_steps: 7}")
        try scenario.commit("Train longer")
        try scenario.git("checkout", "--quiet", "main")
        try write(8)
        try scenario.commit("Train the other longer")
        let apply = try scenario.ftops("apply", "--auto-approve")
        try #require(apply.status == 0, "\(apply.transcript)")
        try scenario.git("checkout", "--quiet", "change")
        #expect(try items(scenario, "--base", "main").map { $0["fine_tunes"] } == [["greeter"]])
        #expect(try !scenario.ftops("plan", "--base", "main").errors.contains("base-moved"))

        try scenario.git("checkout", "--quiet", "main")
        try scenario.writeManifests(hyperparameters: "{max_steps: 9}")
        try scenario.commit("Train longer still")
        try scenario.git("checkout", "--quiet", "change")
        let both = try scenario.ftops("plan", "--base", "main")
        #expect(both.errors.contains("main asks for something else of greeter by now"), "\(both.transcript)")
        let markdown = try scenario.ftops("plan", "--base", "main", "--format", "markdown").output
        #expect(markdown.contains("What main would do anyway is left out.") && markdown.contains("base-moved"))

        try scenario.git("checkout", "--quiet", "--orphan", "alone")
        try scenario.commit("Begin anew")
        #expect(try scenario.ftops("plan", "--base", "main").errors.contains("no commit in common"))
    }

    @Test("asks stores and sources only when told to, and writes nothing")
    func refresh() throws {
        let scenario = try Scenario.trained()
        #expect(try items(scenario, "--refresh").map { $0["action"] } == ["up-to-date"])
        let artifacts = scenario.folder.appending(path: "state/artifacts")
        let files = try #require(FileManager.default.enumerator(at: artifacts, includingPropertiesForKeys: nil))
        for case let file as URL in files where !file.hasDirectoryPath { try FileManager.default.removeItem(at: file) }
        #expect(try items(scenario).map { $0["action"] } == ["up-to-date"])
        let lost = try items(scenario, "--refresh")
        #expect(lost.map { $0["action"] } == ["drifted"])
        #expect(lost.first?["drift"]?["reason"]?.string?.contains("lacks") == true)
        #expect(try scenario.git("status", "--porcelain").isEmpty)
    }
}
