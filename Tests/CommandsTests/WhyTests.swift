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

@Suite("why and diff")
struct WhyTests {
    @Test("why shows every field of the fingerprint, and the version that it is compared with")
    func why() throws {
        let scenario = try Scenario.trained()
        let current = try scenario.ftops("why", "greeter")
        #expect(current.status == 0, "\(current.transcript)")
        #expect(current.output.contains("the fingerprint is that of the version"))
        #expect(current.output.contains("acme/greeter:1"))
        try scenario.writeManifests(hyperparameters: "{max_steps: 7}")
        let text = try scenario.ftops("why", "greeter")
        #expect(text.output.contains("~ max_steps"))
        #expect(text.output.contains("6 -> 7"))
        #expect(text.output.contains("= base"))
        #expect(text.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
        let json = try JSONParser.parse(try scenario.ftops("why", "greeter", "--json").output)
        #expect(json["action"] == "update")
        let changed = json["fields"]?.array?.filter { $0["changed"] == true }.map { $0["field"] }
        #expect(changed == ["max_steps"])
        let unknown = try scenario.ftops("why", "greter")
        #expect(unknown.status == 1)
        #expect(unknown.errors.contains("did you mean greeter?"))
    }

    @Test("why tells each point of a sweep, with its action and reason, and what to ask next")
    func sweep() throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        let swept = Scenario.manifest(hyperparameters: "{max_steps: 6}\n  sweep: {lora_rank: [8, 16]}")
        try scenario.write(swept, at: "manifests/greeter.yaml")
        try scenario.commit("Sweep over ranks")
        let apply = try scenario.ftops("apply", "--auto-approve", "--target", "greeter[lora_rank=8]")
        try #require(apply.status == 0, "\(apply.transcript)")
        let why = try scenario.ftops("why", "greeter")
        let expected = """
            greeter -> acme/greeter: a sweep of 2 points

              + create  greeter[lora_rank=16]
                  nobody has trained this fingerprint, and the fine-tune has no version yet
                up-to-date  greeter[lora_rank=8]
                  the fingerprint is that of the version

              one of them, field by field  ftops why 'greeter[lora_rank=16]'
              what all of them take  ftops plan --target greeter

            """
        #expect(why.status == 0 && why.output == expected, "\(why.transcript)")
        let json = try JSONParser.parse(try scenario.ftops("why", "greeter", "--json").output)
        let points = json["points"]?.array ?? []
        #expect(points.map { $0["name"] } == ["greeter[lora_rank=16]", "greeter[lora_rank=8]"])
        #expect(points.map { $0["why"]?["action"] } == ["create", "up-to-date"])
    }

    @Test("why explains codes, also where there is no repository")
    func codes() throws {
        let scenario = try Scenario()
        let text = try scenario.ftops("why", "bad-row")
        #expect(text.status == 0, "\(text.transcript)")
        #expect(text.output.contains("to do"))
        #expect(try JSONParser.parse(try scenario.ftops("why", "bad-row", "--json").output)["code"] == "bad-row")
    }

    @Test(
        "why explains the words of the plan and of those who fetch data",
        arguments: ["policy", "orphaned", "html-page"]
    )
    func words(_ word: String) throws {
        let text = try Scenario().ftops("why", word)
        #expect(text.status == 0 && text.output.contains("  to do  "), "\(text.transcript)")
    }

    @Test("diff compares two versions: fields, rows and metrics; and two commits")
    func diff() throws {
        let scenario = try Scenario.trained()
        try scenario.write((2...23).map(Scenario.row).joined(), at: "datasets/greetings.jsonl")
        try scenario.commit("Add rows")
        let commits = try scenario.ftops("diff", "HEAD~1", "HEAD")
        #expect(commits.status == 0, "\(commits.transcript)")
        #expect(commits.output.contains("+3 -1 rows"))
        let apply = try scenario.ftops("apply", "--auto-approve")
        try #require(apply.status == 0, "\(apply.transcript)")
        let versions = try scenario.ftops("diff", "acme/greeter:1", "acme/greeter:2")
        #expect(versions.status == 0, "\(versions.transcript)")
        #expect(versions.output.contains("+3 -1 rows"))
        #expect(versions.output.contains("steps"))
        #expect(versions.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
        let json = try JSONParser.parse(try scenario.ftops("diff", "acme/greeter:1", "acme/greeter:2", "--json").output)
        #expect(json["items"]?.array?.first?["rows"] == ["added": 3, "removed": 1])
        #expect(try scenario.ftops("diff", "acme/greeter:1", "acme/greeter:7").status == 1)
        #expect(try scenario.ftops("diff", "acme/greeter:1", "HEAD").status == 1)
    }

    @Test("diff compares a version with what its fine-tune asks for now, in either order")
    func diffFineTune() throws {
        let scenario = try Scenario.trained()
        try scenario.writeManifests(rows: 22, hyperparameters: "{max_steps: 7}")
        let diff = try scenario.ftops("diff", "acme/greeter:1", "greeter")
        #expect(diff.status == 0 && diff.output.hasPrefix("greeter: acme/greeter:1 ("), "\(diff.transcript)")
        for words in [") -> greeter (now)", "6 -> 7", "+2 rows"] {
            #expect(diff.output.contains(words), "\(diff.transcript)")
        }
        let back = try scenario.ftops("diff", "greeter", "acme/greeter:1")
        #expect(back.status == 0 && back.output.contains("7 -> 6"), "\(back.transcript)")
        #expect(back.output.contains("-2 rows"), "\(back.transcript)")
    }

    @Test(
        "diff says what can be compared",
        arguments: [
            (["greter", "acme/greeter:1"], "`greter` is no commit, version or fine-tune: did you mean greeter?"),
            (["greeter", "acme/nobody:1"], "acme/nobody has no version; there are versions of acme/greeter"),
            (
                ["greeter", "HEAD"],
                "HEAD is a commit, and greeter is none: compare two commits, or versions and fine-tunes"
            ),
            (
                ["HEAD", "0000"],
                "`0000` is no commit, version or fine-tune; compare commits, or versions (owner/name:n)"
            ),
            (["HEAD", "swept"], "swept is a sweep: name one of its points, such as 'swept[lora_rank=16]'"),
        ]
    )
    func diffRefusals(_ names: [String], _ words: String) throws {
        let scenario = try Scenario.trained()
        let extra = """
            ---
            apiVersion: ftops/v1
            kind: FineTune
            metadata: {name: swept}
            spec: {base: quick, dataset: greetings, template: greet, destination: x, sweep: {lora_rank: [8, 16]}}
            """
        try scenario.write(Scenario.manifest(extra: extra), at: "manifests/greeter.yaml")
        let diff = try scenario.start(Scenario.executable.path, ["diff"] + names).wait()
        #expect(diff.status == 1 && diff.errors.contains(words), "\(diff.transcript)")
    }
}
