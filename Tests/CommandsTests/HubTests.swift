//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite(
    "The Hugging Face hub",
    .enabled(if: Scenario.hasRealTrainer, "the trainer's environment is not there: make setup makes it")
)
struct HubTests {
    private static let commit = "0123456789abcdef0123456789abcdef01234567"

    /// A scenario with our own trainer, whose base is a tiny llama that a hub on this machine has.
    private func scene(owner: String = "acme") throws -> (scenario: Scenario, hub: String, peer: Peer) {
        let scenario = try Scenario()
        let hub = scenario.folder.appending(path: "hub").path
        let python = try scenario.useRealTrainer()
        let program = """
            import pathlib, sys
            sys.path.insert(0, sys.argv[1])
            from tinybase import make_base
            make_base(pathlib.Path(sys.argv[2]), "llama")
            """
        let tests = Scenario.package.appending(path: "Tests/trainer").path
        let base = "\(hub)/\(owner)/tiny/\(Self.commit)"
        let made = try scenario.start(python, ["-B", "-c", program, tests, base]).wait()
        try #require(made.status == 0, "\(made.transcript)")
        let peer = try Peer(script: "hub.py", [hub])
        scenario.environment["HF_ENDPOINT"] = "http://127.0.0.1:\(peer.port)"
        scenario.environment["HF_HUB_DISABLE_XET"] = "1"
        scenario.environment["HF_TOKEN"] = ""
        try scenario.writeManifests(hyperparameters: "{max_steps: 2}")
        let source = "node: {huggingface: \(owner)/tiny, revision: \(Self.commit)}"
        let manifest = try scenario.read("manifests/greeter.yaml")
            .replacingOccurrences(of: "node: {python: quick-base==1.0.0}", with: source)
        try scenario.write(manifest, at: "manifests/greeter.yaml")
        try scenario.commit("Describe the greeter")
        return (scenario, hub, peer)
    }

    @Test("a base of the hub is fetched at its commit and trained, and the version goes back there")
    func trains() throws {
        let (scenario, hub, peer) = try scene()
        let apply = try scenario.ftops("apply", "--auto-approve")
        try #require(apply.status == 0, "\(apply.transcript)")
        let record = try scenario.read(try #require(scenario.versions().first))
        #expect(record.contains("acme/tiny@\(Self.commit)"), "\(record)")
        #expect(try scenario.ftops("plan").output.contains("Nothing to do"))
        // What was fetched is counted and asked without the hub.
        scenario.environment["HF_ENDPOINT"] = "http://127.0.0.1:9"
        let run = try scenario.ftops("run", "acme/greeter", "--name", "Ann", "--max-new-tokens", "2")
        #expect(run.status == 0, "\(run.transcript)")
        let counted = try scenario.read("manifests/greeter.yaml").replacingOccurrences(
            of: "max_steps: 2",
            with: "max_steps: 3"
        )
        try scenario.write(counted, at: "manifests/greeter.yaml")
        let plan = try scenario.ftops("plan", "--json")
        #expect(plan.output.contains(#""tokens_counted": true"#), "\(plan.transcript)")
        scenario.environment["HF_ENDPOINT"] = "http://127.0.0.1:\(peer.port)"
        let export = { (more: [String]) in
            let all = ["export", "acme/greeter", "--to", "hf://acme/greeter"] + more
            return try scenario.start(Scenario.executable.path, all).wait()
        }
        let refused = try export([])
        #expect(refused.status == 1 && refused.errors.contains("HF_TOKEN is not set"), "\(refused.transcript)")
        scenario.environment["HF_TOKEN"] = "hf_good"
        #expect(try scenario.ftops("export", "acme/greeter", "--to", "hf://greeter").status == 64)
        let foreign = try scenario.ftops("export", "acme/greeter", "--merge", "--to", "hf://foreign/greeter")
        #expect(foreign.status == 1 && foreign.errors.contains("HF_TOKEN may not write to"), "\(foreign.transcript)")
        let sent = try export([])
        let address = "http://127.0.0.1:\(peer.port)/acme/greeter"
        #expect(sent.status == 0 && sent.output.contains("-> \(address): the adapter"), "\(sent.transcript)")
        let there = hub + "/uploaded/acme/greeter"
        let config = try String(contentsOfFile: there + "/adapter_config.json", encoding: .utf8)
        #expect(config.contains("\"acme/tiny\"") && config.contains(Self.commit), "\(config)")
        let card = try String(contentsOfFile: there + "/README.md", encoding: .utf8)
        #expect(card.contains("base_model: \"acme/tiny\""), "\(card)")
        #expect(try String(contentsOfFile: there + "/.private", encoding: .utf8) == "true")
        let merged = try export(["--format", "gguf", "--json"])
        #expect(merged.output.contains("\"url\": \"\(address)\""), "\(merged.transcript)")
        let names = try FileManager.default.contentsOfDirectory(atPath: there).sorted()
        #expect(names == [".private", "README.md", "model.gguf"])
        let commits = try String(contentsOfFile: hub + "/commits.jsonl", encoding: .utf8)
        #expect(commits.split(separator: "\n").count == 2)
        let left = try FileManager.default.contentsOfDirectory(atPath: scenario.folder.path + "/cache/ftops/exports")
        #expect(left.isEmpty)
        #expect(![sent, merged, refused].contains { $0.transcript.contains("hf_good") })
    }

    @Test("a gated base fails for its base and says where its licence is accepted")
    func gated() throws {
        let (scenario, _, peer) = try scene(owner: "gated")
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 1, "\(apply.transcript)")
        let words = "gated/tiny is gated: accept its licence at http://127.0.0.1:\(peer.port)/gated/tiny"
        #expect((apply.output + apply.errors).contains(words), "\(apply.transcript)")
        #expect(apply.output.contains("failed  base"), "\(apply.transcript)")
    }
}
