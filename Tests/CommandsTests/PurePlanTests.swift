//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("The plan of a repository")
struct PurePlanTests {
    /// A greeter that is trained, one that has changed since, a sweep, and one that builds on another.
    private static let others = """
        ---
        apiVersion: ftops/v1
        kind: FineTune
        metadata: {name: porter, labels: {team: search}}
        spec: {base: quick, dataset: greetings, template: greet, hyperparameters: {max_steps: 4}, destination: acme/porter}
        ---
        apiVersion: ftops/v1
        kind: FineTune
        metadata: {name: waiter}
        spec:
          base: greeter
          dataset: {use: greetings, limit: 9}
          template: greet
          sweep: {learning_rate: [1e-4, 2e-4], lora_rank: [8, 16]}
          destination: acme/waiter
        ---
        apiVersion: ftops/v1
        kind: Project
        metadata: {name: acme}
        spec: {owner: acme, budget: {per_run: 5000.00}, backends: {node: {price_per_gpu_hour: 1.10}}}
        """

    private static func scenario() throws -> Scenario {
        let scenario = try Scenario.trained()
        let manifest = Scenario.manifest(extra: others)
        try scenario.write(manifest, at: "manifests/greeter.yaml")
        try scenario.commit("Ask for more")
        return scenario
    }

    /// The documents of all manifests, in other files and in another order.
    private static func scatter(_ scenario: Scenario, _ generator: inout SeededGenerator) throws {
        let text = try scenario.read("manifests/greeter.yaml") + "\n"
        try FileManager.default.removeItem(at: scenario.repository.appending(path: "manifests"))
        let documents = text.components(separatedBy: "---\n").shuffled(using: &generator)
        var files: [String: [String]] = [:]
        for document in documents {
            let folder = generator.pick(["", "b/", "a/c/"])
            files["manifests/\(folder)\(generator.pick(["x", "y", "Z"])).yaml", default: []].append(document)
        }
        for (path, documents) in files { try scenario.write(documents.joined(separator: "---\n"), at: path) }
    }

    /// What a plan says but for the files that differ from the commit.
    private static func meaning(_ finished: Finished) throws -> NSDictionary {
        var plan = try #require(
            try JSONSerialization.jsonObject(with: Data(finished.output.utf8)) as? [String: Any],
            "\(finished.transcript)"
        )
        plan["uncommitted"] = nil
        return plan as NSDictionary
    }

    /// Every file below a folder with its bytes and the time when it changed.
    private static func files(below folder: URL) throws -> [String: String] {
        var found: [String: String] = [:]
        let names = FileManager.default.enumerator(atPath: folder.path)
        for case let name as String in names ?? .init() {
            let path = folder.appending(path: name).path
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            let changed = (attributes[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
            found[name] = "\(changed) \(FileManager.default.contents(atPath: path)?.hashValue ?? 0)"
        }
        return found
    }

    @Test("is the same, byte for byte, wherever and in whatever surroundings it is made")
    func surroundings() throws {
        let scenario = try Self.scenario()
        let plan = try scenario.ftops("plan", "--json", "--no-cache")
        #expect(plan.status == 0, "\(plan.transcript)")
        let surroundings = [
            ["TZ": "Pacific/Kiritimati"], ["TZ": "America/St_Johns", "LC_ALL": "C"],
            ["LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"], ["LC_NUMERIC": "de_DE.UTF-8", "COLUMNS": "20"],
            ["HOME": "/nowhere", "XDG_CACHE_HOME": scenario.folder.appending(path: "other").path],
        ]
        for (index, extra) in surroundings.enumerated() {
            let there = URL(fileURLWithPath: index.isMultiple(of: 2) ? "/" : scenario.folder.path)
            for arguments in [["plan", "--json", "--no-cache"], ["plan", "--json"]] {
                let arguments = arguments + ["-C", scenario.repository.path]
                let other = try scenario.start(Scenario.executable.path, arguments, in: there, environment: extra)
                    .wait()
                #expect(other.output == plan.output, "\(extra) \(other.errors)")
            }
        }
    }

    @Test("is the same in whatever files and order its documents stand", arguments: [3, 17] as [UInt64])
    func order(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let scenario = try Self.scenario()
        let plan = try Self.meaning(scenario.ftops("plan", "--json"))
        for _ in 0..<3 {
            try scenario.git("checkout", "--quiet", "main", "--", "manifests")
            try Self.scatter(scenario, &generator)
            let moved = try scenario.ftops("plan", "--json")
            #expect(try Self.meaning(moved) == plan, "seed \(seed): \(moved.transcript)")
            try FileManager.default.removeItem(at: scenario.repository.appending(path: "manifests"))
        }
    }

    @Test("leaves every byte of the repository as it is, and makes no file in it")
    func changesNothing() throws {
        let scenario = try Self.scenario()
        try scenario.write(Scenario.row(1), at: "datasets/untracked.jsonl")
        try scenario.write("half a thought", at: "notes.txt")
        let before = try Self.files(below: scenario.repository)
        for arguments in [
            ["plan"], ["plan", "--json", "--no-cache"], ["plan", "--refresh"], ["plan", "--base", "main~1"],
        ] {
            let plan = try scenario.start(Scenario.executable.path, arguments).wait()
            #expect(plan.status == 0, "\(plan.transcript)")
        }
        #expect(try Self.files(below: scenario.repository) == before)
    }
}
