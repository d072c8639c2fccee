//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("A version is taken away")
struct TakeAwayTests {
    private func digest(_ file: URL) throws -> String { try Python.sha256(of: Array(Data(contentsOf: file))) }

    private func names(_ folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    @Test("pull copies its files and its record, each as its digest says, and nothing of the store is shared")
    func pulls() throws {
        let scenario = try Scenario.trained()
        let pull = try scenario.start(Scenario.executable.path, ["pull", "acme/greeter"]).wait()
        try #require(pull.status == 0, "\(pull.transcript)")
        #expect(pull.output.hasPrefix("acme/greeter:1 -> greeter-1: "), "\(pull.transcript)")
        let folder = scenario.repository.appending(path: "greeter-1")
        let record = try scenario.read(try #require(scenario.versions().first))
        #expect(try String(contentsOf: folder.appending(path: "version.yaml"), encoding: .utf8) == record)
        for name in try names(folder) where name != "version.yaml" {
            #expect(record.contains(try digest(folder.appending(path: name))), "\(name)")
        }
        // What its owner does to it is their affair.
        try Data("mine".utf8).write(to: folder.appending(path: "adapter_model.safetensors"))
        #expect(try scenario.ftops("run", "acme/greeter", "--name", "Ann").status == 0)
    }

    @Test("pull goes on where it was cut off, and replaces nothing that is something else")
    func continues() throws {
        let scenario = try Scenario.trained()
        let pull = { try scenario.start(Scenario.executable.path, ["pull", "acme/greeter", "there/x"]).wait() }
        #expect(try pull().status == 0)
        let folder = scenario.repository.appending(path: "there/x")
        let weights = folder.appending(path: "adapter_model.safetensors")
        let before = try digest(weights)
        try FileManager.default.removeItem(at: weights)
        #expect(try pull().status == 0)
        #expect(try digest(weights) == before)
        try Data("mine".utf8).write(to: weights)
        try FileManager.default.removeItem(at: folder.appending(path: "adapter_config.json"))
        let refused = try pull()
        #expect(refused.status == 1, "\(refused.transcript)")
        #expect(refused.errors.contains("adapter_model.safetensors is there already and is something else"))
        #expect(try Data(contentsOf: weights) == Data("mine".utf8))
        #expect(try !names(folder).contains("adapter_config.json"))
        try FileManager.default.removeItem(at: weights)
        try Data("id: other\n".utf8).write(to: folder.appending(path: "version.yaml"))
        #expect(try pull().errors.contains("version.yaml is of another version"))
        #expect(try !names(folder).contains("adapter_model.safetensors"))
    }

    @Test("pull leaves nothing of a file that the store has damaged")
    func damaged() throws {
        let scenario = try Scenario.trained()
        let store = scenario.folder.appending(path: "state/artifacts/sha256")
        let objects = try #require(FileManager.default.enumerator(at: store, includingPropertiesForKeys: nil))
        for case let object as URL in objects where object.lastPathComponent.count == 64 {
            try FileManager.default.removeItem(at: object)
            try Data("other".utf8).write(to: object)
        }
        let pull = try scenario.start(Scenario.executable.path, ["pull", "acme/greeter"]).wait()
        #expect(pull.status == 1 && pull.errors.contains("is damaged"), "\(pull.transcript)")
        #expect(try names(scenario.repository.appending(path: "greeter-1")).isEmpty)
    }

    @Test("export writes the adapter with a page that says what it is and how it is asked")
    func adapter() throws {
        let scenario = try Scenario.trained()
        let export = try scenario.start(Scenario.executable.path, ["export", "acme/greeter"]).wait()
        try #require(export.status == 0, "\(export.transcript)")
        let folder = scenario.repository.appending(path: "greeter-1")
        let card = try String(contentsOf: folder.appending(path: "README.md"), encoding: .utf8)
        let record = try scenario.read(try #require(scenario.versions().first))
        for words in [
            "library_name: \"peft\"", "# acme/greeter:1", "Greet {name}:", "| learning_rate |", "fingerprint v1-",
        ] {
            #expect(card.contains(words), "\(words) in \(card)")
        }
        #expect(record.contains(try digest(folder.appending(path: "adapter_model.safetensors"))))
    }

    @Test("export --merge makes one model of base and adapter, and says what that changed")
    func merged() throws {
        let scenario = try Scenario.trained()
        let export = try scenario.start(
            Scenario.executable.path,
            ["export", "acme/greeter", "--merge", "--to", "out/model", "--dtype", "bfloat16"]
        ).wait()
        try #require(export.status == 0, "\(export.transcript)")
        #expect(export.output.contains("one model, in bfloat16"))
        #expect(
            export.output.contains("by at most 1/4,200,000 of the largest, storing them by 1/250"),
            "\(export.output)"
        )
        #expect(export.output.contains("at 75.0 % of 12 places"))
        #expect(try names(scenario.repository.appending(path: "out/model")) == ["README.md", "model.safetensors"])
        #expect(try scenario.read("out/model/README.md").contains("library_name: \"transformers\""))
    }

    @Test("export --format gguf and ollama write one file, and how it is run")
    func gguf() throws {
        let scenario = try Scenario.trained()
        let export = { (form: String) in
            let arguments = ["export", "acme/greeter", "--format", form, "--to", form]
            return try scenario.start(Scenario.executable.path, arguments).wait()
        }
        let gguf = try export("gguf")
        #expect(gguf.output.contains("acme/greeter:1 -> gguf: base and adapter as one GGUF, in float32"), "\(gguf)")
        #expect(try names(scenario.repository.appending(path: "gguf")) == ["README.md", "model.gguf"])
        #expect(try scenario.read("gguf/model.gguf") == "acme/greeter:1")
        #expect(try export("ollama").output.contains("one GGUF with its Modelfile"))
        #expect(try names(scenario.repository.appending(path: "ollama")) == ["Modelfile", "README.md", "model.gguf"])
        #expect(try scenario.read("ollama/Modelfile").contains("PARAMETER stop \"\n\"\n"))
        #expect(try scenario.read("ollama/README.md").contains("ollama create greeter -f Modelfile"))
        #expect(try export("hf").output.contains("as one model, in float32"))
        let wrong = try export("json")
        #expect(wrong.status == 64 && wrong.errors.contains("gguf"), "\(wrong.transcript)")
    }

    @Test("export refuses a folder that is in use, and says why a base could not be merged")
    func refusals() throws {
        let scenario = try Scenario.trained()
        try scenario.write("all of it", at: "mine/thesis.txt")
        let cases: [([String], Int32, String)] = [
            (["--to", "mine"], 64, "mine is there already and not empty"),
            (["--merge", "--to", "mine/thesis.txt"], 64, "not empty"),
            (["--dtype", "float32"], 64, "add --merge"),
            (["--merge", "--dtype", "int3"], 64, "not int3"),
            (["--merge", "--to", "new"], 1, "could not be merged: the base has no such layer"),
        ]
        let failing = ["FTOPS_QUICK_EXPORT": "fail"]
        for (arguments, status, words) in cases {
            let all = ["export", "acme/greeter"] + arguments
            let finished = try scenario.start(Scenario.executable.path, all, environment: failing).wait()
            #expect(finished.status == status && finished.errors.contains(words), "\(arguments) \(finished.transcript)")
        }
        #expect(try names(scenario.repository.appending(path: "mine")) == ["thesis.txt"])
    }
}
