//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("Commands that ask a version")
struct VersionCommandTests {
    @Test("say what is wrong with the model's name, or with a field, and how it is right")
    func refusals() throws {
        let scenario = try Scenario.trained()
        try Data([0xFF, 0xFE]).write(to: scenario.repository.appending(path: "bad.txt"))
        let cases: [([String], Int32, String)] = [
            (["run", "acme/greeter", "--nome", "Ann"], 64, "there is no field for --nome; did you mean --name"),
            (["run", "acme/greeter", "--name", "Ann", "--city", "Rome"], 64, "this version's template takes --name"),
            (["run", "acme/greeter"], 64, "--name is missing; this version's template takes --name"),
            (["run", "acme/greeter", "--name"], 64, "--name needs a value"),
            (["run", "acme/greeter", "Ann"], 64, "unexpected `Ann`"),
            (["run", "acme/greeter", "--name", "Ann", "--prompt", "Hi"], 64, "give either"),
            (["run", "acme/greeter", "--name", "@none.txt"], 64, "is written @@none.txt"),
            (["run", "acme/greeter", "--name", "@bad.txt"], 64, "bad.txt is not UTF-8 text"),
            (["run", "acme/greeter", "--name", "Ann", "--top-p", "0"], 64, "--top-p is above 0"),
            (["run", "acme/nobody", "--name", "Ann"], 1, "there are versions of acme/greeter"),
            (["run", "acme/greeter:9", "--name", "Ann"], 1, "has no such version; there are :1 @"),
            (["run", "acme/greeter:one", "--name", "Ann"], 1, "a version's number is expected"),
            (["run", "acme/greeter@", "--name", "Ann"], 1, "a version's id is expected"),
            (["run", "a b/c", "--name", "Ann"], 1, "is no model: write owner/name"),
            (["compare", "acme/greeter", "--limit", "0"], 64, "--limit is at least 1"),
            (["versions", "acme/nobody"], 1, "there are versions of acme/greeter"),
            (["show", "acme/greeter@ffff"], 1, "has no such version"),
        ]
        for (arguments, status, words) in cases {
            let finished = try scenario.start(Scenario.executable.path, arguments).wait()
            #expect(finished.status == status && finished.errors.contains(words), "\(arguments) \(finished.transcript)")
            #expect(finished.output.isEmpty)
        }
    }

    @Test("take any text as a field's value")
    func values() throws {
        let scenario = try Scenario.trained()
        for value in ["- item", "--seed", "@@ann", "<script>|`$HOME`\\n", "{name}", "名前 👩‍🚀", "two\nlines", ""] {
            let compare = try scenario.ftops("compare", "acme/greeter", "--name=\(value)", "--max-new-tokens", "3")
            #expect(compare.status == 0, "\(compare.transcript)")
            let shown = value.hasPrefix("@@") ? String(value.dropFirst()) : value
            for line in shown.split(separator: "\n") {
                #expect(compare.output.contains(line), "\(compare.transcript)")
            }
        }
    }

    @Test("let no answer steer the terminal, and change none that goes elsewhere")
    func harmless() throws {
        let scenario = try Scenario.trained()
        let echo = ["FTOPS_QUICK_ECHO": "1"]
        let value = "\u{9B}2J\u{202E}Ann"
        let piped = try scenario.ftops("run", "acme/greeter", "--name", value, environment: echo)
        #expect(piped.output.contains(value), "\(piped.transcript)")
        let command = "'\(Scenario.executable.path)' run acme/greeter --name '\(value)'"
        let shown = try scenario.start("/usr/bin/script", ["-qec", command, "/dev/null"], environment: echo).wait()
        #expect(shown.status == 0 && shown.output.contains("\u{FFFD}2J\u{FFFD}Ann"), "\(shown.transcript)")
    }

    @Test("list and show what there is, with the recorded answers and nothing asked again")
    func shows() throws {
        let scenario = try Scenario.trained()
        #expect(try scenario.ftops("versions", "greeter").status == 1)
        #expect(try scenario.ftops("versions", "acme/greeter").output.contains("acme/greeter:1  "))
        #expect(try scenario.ftops("versions", "acme/greeter:1").output.contains("acme/greeter:1  "))
        let nowhere = ["FTOPS_TRAINER": "/nowhere"]
        let answers = try scenario.ftops("show", "acme/greeter", "--answers", environment: nowhere)
        #expect(answers.output.contains("Greet Ann:") && answers.output.contains("as expected"))
        // One prompt, and the four rows that validate.
        #expect(answers.output.contains("Prompt 5 of 5") && answers.output.contains("Greet Guest"))
    }

    @Test("name a model that is wanted and not trained yet as one without versions")
    func untrained() throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        try scenario.commit("Describe the greeter")
        let versions = try scenario.ftops("versions", "acme/greeter")
        #expect(versions.status == 0 && versions.output == "No versions yet.\n", "\(versions.transcript)")
    }

    @Test("go by the commit's manifests, so that an edit under way is no obstacle")
    func editing() throws {
        let scenario = try Scenario.trained()
        try scenario.write("kind: [", at: "manifests/greeter.yaml")
        #expect(try scenario.ftops("run", "acme/greeter", "--name", "Ann").status == 0)
    }

    @Test("of two versions with one number take neither, and list the ids of both")
    func sameNumber() throws {
        let scenario = try Scenario.trained()
        let folder = "versions/acme/greeter"
        let file = try #require(scenario.versions().first)
        let record = try scenario.read(file)
        let id = try #require(record.split(separator: "\n").first { $0.hasPrefix("id: ") }?.dropFirst(4))
        let other = String(repeating: "0", count: 64)
        try scenario.write(
            record.replacingOccurrences(of: "id: \(id)", with: "id: \"\(other)\""),
            at: "\(folder)/1-\(other.prefix(12)).yaml"
        )
        try scenario.commit("Merge a branch that had a first version too")
        let run = try scenario.ftops("run", "acme/greeter:1", "--name", "Ann")
        #expect(run.status == 1, "\(run.transcript)")
        for text in ["several", "@\(id.prefix(12))", "@\(other.prefix(12))"] {
            #expect(run.errors.contains(text), "\(run.transcript)")
        }
        #expect(try scenario.ftops("run", "acme/greeter@\(id.prefix(7))", "--name", "Ann").status == 0)
        #expect(try scenario.ftops("versions").output.split(separator: "\n").count == 3)
    }

    @Test("say where missing or damaged weights are looked for", arguments: [true, false])
    func weights(areMissing: Bool) throws {
        let scenario = try Scenario.trained()
        let store = scenario.folder.appending(path: "state/artifacts/sha256")
        let objects = try #require(FileManager.default.enumerator(at: store, includingPropertiesForKeys: nil))
        for case let object as URL in objects where object.lastPathComponent.count == 64 {
            try FileManager.default.removeItem(at: object)
            if !areMissing { try Data("other".utf8).write(to: object) }
        }
        try? FileManager.default.removeItem(at: scenario.folder.appending(path: "cache"))
        let run = try scenario.ftops("run", "acme/greeter", "--name", "Ann")
        #expect(run.status == 1 && run.output.isEmpty, "\(run.transcript)")
        #expect(run.errors.contains(areMissing ? "has no object" : "is damaged"), "\(run.transcript)")
    }

    @Test("end at Ctrl-C with what there is, and the trainer with them", arguments: ["run", "compare"])
    func interrupts(command: String) throws {
        let scenario = try Scenario.trained()
        let slow = ["FTOPS_QUICK_TOKEN_SECONDS": "0.2"]
        let asking = try scenario.startFtops(command, "acme/greeter", "--name", "Ann", environment: slow)
        #expect(try scenario.waits { try !scenario.processes(of: "generate").isEmpty })
        kill(asking.processID, SIGINT)
        let ended = asking.wait()
        #expect(ended.status == 130, "\(ended.transcript)")
        #expect(!ended.output.contains("(nothing)"))
        #expect(try scenario.processes(of: "generate").isEmpty)
    }

    @Test("end in silence where nobody reads on")
    func closedPipe() throws {
        let scenario = try Scenario.trained()
        let script = "\"$0\" run acme/greeter --name Ann | head -c 1; echo \"${PIPESTATUS[0]}\" >&2"
        let slow = ["FTOPS_QUICK_TOKEN_SECONDS": "0.05"]
        let ended = try scenario.start("/bin/bash", ["-c", script, Scenario.executable.path], environment: slow).wait()
        // By the signal, or by the failed write where whoever started this ignores the signal.
        #expect(["141\n", "1\n"].contains(ended.errors), "\(ended.transcript)")
    }
}

extension Scenario {
    /// The processes that this scenario's ftops has started with a word among their arguments.
    func processes(of word: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { Int($0) != nil }.filter { process in
            let read = { (name: String) in
                FileManager.default.contents(atPath: "/proc/\(process)/\(name)").map {
                    String(decoding: $0, as: UTF8.self)
                }
            }
            let isWanted = read("cmdline")?.split(separator: "\0").contains { $0 == word } ?? false
            return isWanted && read("environ")?.contains(folder.path) == true
        }
    }

    @Test("a training whose validation loss did not fall is told by apply, show and the report")
    func learnsNothing() throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        try scenario.commit("Describe the greeter")
        let apply = try scenario.ftops("apply", "--auto-approve", environment: ["FTOPS_QUICK_LOSS": "3"])
        let loss = "their loss is 3.0000, and was 3.0000 before"
        let words = "it learned nothing that helps with the validation rows: \(loss)"
        #expect(apply.status == 0 && apply.errors.contains("greeter: \(words)"), "\(apply.transcript)")
        let show = try scenario.ftops("show", "acme/greeter").output
        #expect(show.contains("it learned nothing"), "\(show)")
        #expect(try scenario.read("versions/acme/greeter/README.md").contains("**Note: \(words).**"))
        let usual = try Scenario.trained()
        #expect(try !usual.ftops("show", "acme/greeter").output.contains("it learned nothing"))
    }
}
