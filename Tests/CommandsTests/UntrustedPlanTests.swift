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

@Suite("A plan of a stranger's change")
struct UntrustedPlanTests {
    private let scenario: Scenario

    init() throws {
        scenario = try Scenario()
        try scenario.writeManifests()
        try scenario.commit("Describe the greeter")
    }

    private func edit(_ old: String, _ new: String) throws {
        let text = try scenario.read("manifests/greeter.yaml")
        try #require(text.contains(old))
        try scenario.write(text.replacing(old, with: new), at: "manifests/greeter.yaml")
    }

    /// A second fine-tune, on the same rows and the same base.
    private func addOther() throws {
        let other = Scenario.manifest().components(separatedBy: "---\n").suffix(1).joined()
            .replacing("{name: greeter}", with: "{name: other}").replacing("max_steps: 6", with: "max_steps: 7")
        try scenario.write(other, at: "manifests/other.yaml")
    }

    @Test("reads the commit and no work tree, and comes out as the plan of that commit")
    func commit() throws {
        let committed = try scenario.said("--ref", "HEAD")
        try scenario.writeManifests(rows: 22, hyperparameters: "{max_steps: 9}")
        try addOther()
        let plan = try scenario.said("--untrusted")
        #expect(plan == committed)
        #expect(try scenario.document("--untrusted")["uncommitted"] == [])
        #expect(try scenario.document("--untrusted")["untrusted"] == true)

        try scenario.git("rm", "--quiet", "--cached", "datasets/greetings.jsonl")
        try scenario.git("commit", "--quiet", "-m", "Forget the rows")
        let missing = try scenario.ftops("plan", "--untrusted")
        #expect(missing.status == 1 && missing.errors.contains("greeter.yaml:5:11: error: "), "\(missing.transcript)")
        #expect(missing.errors.contains("datasets/greetings.jsonl is not there"), "\(missing.errors)")
    }

    @Test(
        "follows no path out of the commit",
        arguments: [
            ("link.jsonl", "link.jsonl is a symbolic link, or in one"),
            ("up.jsonl", "up.jsonl is a symbolic link, or in one"),
            ("folder/secret.jsonl", "folder/secret.jsonl is a symbolic link, or in one"),
            ("module/secret.jsonl", "module/secret.jsonl is not there"),
            ("../secret.jsonl", "takes a path from the top of the repository"),
            ("datasets/../../secret.jsonl", "takes a path from the top of the repository"),
            ("/etc/passwd", "takes a path from the top of the repository"),
            (".git/config", ".git/config is not there"),
        ]
    )
    func paths(_ path: String, says: String) throws {
        try scenario.write(Scenario.row(7), at: "../secret.jsonl")
        for (name, target) in [("link.jsonl", "/etc/passwd"), ("up.jsonl", "../secret.jsonl"), ("folder", "..")] {
            let link = scenario.repository.appending(path: name).path
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
        }
        try edit("source: datasets/greetings.jsonl", "source: \(path)")
        try scenario.commit("Point elsewhere")
        let head = try scenario.git("rev-parse", "HEAD")
        try scenario.git("update-index", "--add", "--cacheinfo", "160000,\(head),module")
        try scenario.git("commit", "--quiet", "-m", "Add a submodule")
        try scenario.write(Scenario.row(7), at: "module/secret.jsonl")
        let plan = try scenario.ftops("plan", "--untrusted")
        #expect(plan.status == 1 && plan.errors.contains("manifests/greeter.yaml:5:11: error: "), "\(plan.transcript)")
        #expect(plan.errors.contains(says), "\(plan.errors)")
        #expect(!plan.transcript.contains("root:") && !plan.transcript.contains("Guest 7"))
    }

    @Test(
        "does not read a file that lies in Git LFS, or becomes too large, and plans the others",
        arguments: [
            ("version https://git-lfs.github.com/spec/v1\n", 1, "is a Git LFS pointer"),
            (Scenario.row(1), 999, "bytes, which is too much"),
        ]
    )
    func files(_ line: String, count: Int, says: String) throws {
        try addOther()
        try scenario.write(String(repeating: line, count: count), at: "datasets/more.jsonl")
        let more =
            "\n---\napiVersion: ftops/v1\nkind: Dataset\nmetadata: {name: more}\n"
            + "spec: {source: datasets/more.jsonl}\n"
        try scenario.write(
            try scenario.read("manifests/other.yaml").replacing("dataset: greetings", with: "dataset: more") + more,
            at: "manifests/other.yaml"
        )
        try scenario.commit("Ask for more")
        let limit = ["FTOPS_DOWNLOAD_LIMIT": "10000"]
        let plan = try scenario.ftops("plan", "--untrusted", environment: limit)
        #expect(plan.status == 0 && plan.output.contains("+ create  greeter"), "\(plan.transcript)")
        #expect(plan.errors.contains("other is not planned: datasets/more.jsonl") && plan.errors.contains(says))
    }

    @Test("reads no folder of the machine to know a base, and takes `identity`, or the folder that the commit has")
    func bases() throws {
        let folder = scenario.folder.appending(path: "weights")
        for place in [folder, scenario.repository.appending(path: "weights")] {
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            for name in ["config.json", "model.safetensors"] {
                try Data("{}".utf8).write(to: place.appending(path: name))
            }
        }
        let plan = { (base: String) in
            let text = try scenario.read("manifests/greeter.yaml")
            try scenario.write(text.replacing(#/node: .*/#, with: "node: {\(base)}"), at: "manifests/greeter.yaml")
            try scenario.commit("Take another base")
            return try scenario.ftops("plan", "--untrusted")
        }
        let absolute = try plan("path: \(folder.path)")
        #expect(absolute.errors.contains("greeter.yaml:22:16: warning: greeter is not planned"), "\(absolute.errors)")
        #expect(absolute.errors.contains("it is a folder of this machine"))
        #expect(!FileManager.default.fileExists(atPath: scenario.cache.path))
        try edit("  parameters: 1M", "  identity: ours-1\n  parameters: 1M")
        #expect(try plan("path: /anywhere").output.contains("+ create  greeter"))
        try edit("  identity: ours-1\n", "")

        let inside = try plan("path: weights")
        #expect(inside.output.contains("+ create  greeter"), "\(inside.transcript)")
        #expect(try scenario.said("--untrusted") == scenario.said())
        let link = scenario.repository.appending(path: "weights/tokenizer.json").path
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/etc/passwd")
        #expect(try plan("path: weights").errors.contains("weights/tokenizer.json is no file in git"))
        #expect(try plan("path: nowhere").errors.contains("has no config.json with weights in nowhere"))
    }

    @Test("converts no Parquet, and reads what was converted before")
    func parquet() throws {
        let bytes = "PAR1 rows PAR1"
        try scenario.write(bytes, at: "datasets/greetings.parquet")
        try edit("greetings.jsonl", "greetings.parquet")
        try scenario.commit("Write the rows otherwise")
        let plan = try scenario.ftops("plan", "--untrusted")
        #expect(plan.errors.contains("greeter is not planned") && plan.errors.contains("Parquet"), "\(plan.transcript)")
        #expect(try scenario.quickLog().isEmpty)
        let rows = scenario.cache.appending(path: "rows")
        try FileManager.default.createDirectory(at: rows, withIntermediateDirectories: true)
        let converted = rows.appending(path: "\(try Python.sha256(bytes))-1.jsonl")
        try Data((1...20).map(Scenario.row).joined().utf8).write(to: converted)
        #expect(try scenario.ftops("plan", "--untrusted").output.contains("+ create  greeter"))
    }

    @Test("counts no tokens, and leaves nothing in the cache")
    func cache() throws {
        let model = scenario.cache.appending(path: "bases/quick-base-1.0.0/model")
        try FileManager.default.createDirectory(at: model, withIntermediateDirectories: true)
        for name in ["config.json", "tokenizer.json"] { try Data("{}".utf8).write(to: model.appending(path: name)) }
        #expect(try scenario.ftops("plan", "--untrusted").output.contains("~"))
        #expect(try scenario.quickLog().isEmpty)
        let files = FileManager.default.enumerator(atPath: scenario.cache.path)?.compactMap { $0 as? String } ?? []
        #expect(files.filter { !$0.hasPrefix("bases") }.isEmpty, "\(files)")
        #expect(files.count == 5, "\(files)")
    }

    @Test(
        "refuses what it would have to ask or start somebody for",
        arguments: [("--refresh", "asks sources and stores"), ("--count", "starts the trainer")]
    )
    func refuses(_ flag: String, says: String) throws {
        let plan = try scenario.ftops("plan", "--untrusted", flag)
        #expect(plan.status == 64 && plan.errors.contains(says), "\(plan.transcript)")
    }

    @Test("can be kept and shown, and is not applied")
    func saved() throws {
        let plan = try scenario.ftops("plan", "--untrusted", "--out", "../plan.json")
        #expect(plan.output.contains("Note: planned for a stranger"), "\(plan.transcript)")
        #expect(try scenario.ftops("show", "../plan.json").output == plan.output)
        let apply = try scenario.ftops("apply", "../plan.json")
        #expect(apply.status == 1 && apply.errors.contains("of a stranger's change"), "\(apply.transcript)")
        #expect(try scenario.quickLog().isEmpty)
    }
}

extension Scenario {
    /// The folder that ftops keeps its cache in.
    var cache: URL { folder.appending(path: "cache/ftops") }

    /// The document of a plan.
    func document(_ arguments: String...) throws -> JSONValue { try document(arguments) }

    private func document(_ arguments: [String]) throws -> JSONValue {
        let plan = try start(Scenario.executable.path, ["plan", "--json"] + arguments).wait()
        try #require(plan.status == 0, "\(plan.transcript)")
        return try JSONParser.parse(plan.output)
    }

    /// What a plan says of each fine-tune: its fingerprint and action, or nothing where it is not planned.
    func said(_ arguments: String...) throws -> [String: String?] {
        let document = try document(arguments)
        var said: [String: String?] = [:]
        for item in document["items"]?.array ?? [] {
            let name = item["fine_tunes"]?.array?.first?.string ?? ""
            said[name] = "\(item["action"]?.string ?? "") \(item["fingerprint"]?.string ?? "")"
        }
        for name in document["unplanned"]?.array ?? [] { said[name.string ?? ""] = .some(nil) }
        return said
    }
}
