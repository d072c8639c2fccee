//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("Few bytes that would become many")
struct BombTests {
    private let scenario: Scenario

    init() throws {
        scenario = try Scenario()
        try scenario.writeManifests()
        try scenario.commit("Describe the greeter")
    }

    /// Runs a script in the repository, and gives what it printed.
    private func shell(_ script: String) throws -> String {
        let finished = try scenario.start("/bin/sh", ["-e", "-c", script]).wait()
        try #require(finished.status == 0, "\(finished.transcript)")
        return finished.output.trimmingCharacters(in: .newlines)
    }

    /// A commit that has a tree as a folder.
    private func commit(_ tree: String, as folder: String) throws -> String {
        try shell("printf '040000 tree \(tree)\\t\(folder)\\n' | git mktree | xargs git commit-tree -m bomb")
    }

    @Test(
        "as a commit of folders in folders, are listed to a point",
        arguments: [
            ("manifests", 9, 10, "more than a million files and folders there: manifests"),
            ("versions", 9, 10, "more than a million files and folders there: versions"),
            ("manifests", 110, 1, "more than 100 folders in each other: manifests"),
            ("versions", 110, 1, "more than 100 folders in each other: versions"),
        ]
    )
    func trees(_ folder: String, depth: Int, width: Int, says: String) throws {
        let tree = try shell(
            """
            tree=$(git mktree < /dev/null)
            for level in $(seq \(depth)); do
                tree=$(for name in $(seq \(width)); do printf "040000 tree $tree\\td$name\\n"; done | git mktree)
            done
            echo $tree
            """
        )
        let plan = try scenario.ftops("plan", "--untrusted", "--ref", try commit(tree, as: folder))
        #expect(plan.status == 1 && plan.errors.contains(says), "\(plan.transcript)")
    }

    @Test("as the record of a version, are not read")
    func record() throws {
        try scenario.write(String(repeating: "#", count: 17 << 20), at: "versions/acme/greeter/1-0123456789ab.yaml")
        try scenario.commit("Publish strangely")
        let plan = try scenario.ftops("plan", "--untrusted")
        #expect(plan.status == 1 && plan.errors.contains("has more than 16 MB"), "\(plan.transcript)")
    }

    @Test("as mixtures of mixtures, are an error of the first that is too much")
    func mixtures() throws {
        let datasets = (1...40).flatMap { level in
            ["a", "b"].map { side in
                let parts = level == 1 ? "{use: greetings}" : "{use: m\(level - 1)a}, {use: m\(level - 1)b}"
                let name = "apiVersion: ftops/v1\nkind: Dataset\nmetadata: {name: m\(level)\(side)}\n"
                return name + "spec: {mix: [\(parts)]}\n"
            }
        }
        try scenario.write(datasets.joined(separator: "---\n"), at: "manifests/mixtures.yaml")
        let validate = try scenario.ftops("validate")
        #expect(validate.status == 1 && validate.errors.contains("2 errors"), "\(validate.transcript)")
        #expect(validate.errors.contains("comes down to more than 1000 datasets"), "\(validate.errors)")
        // A thousand and twenty-four of the lowest, that is.
        #expect(validate.errors.contains("{use: m10a}, {use: m10b}"), "\(validate.errors)")
    }

    @Test("as a path, are no path")
    func path() throws {
        let path = String(repeating: "a/", count: 100_000) + "a"
        let text = Scenario.manifest().replacing("datasets/greetings.jsonl", with: path)
        try scenario.write(text, at: "manifests/greeter.yaml")
        let validate = try scenario.ftops("validate")
        #expect(validate.status == 1 && validate.errors.contains("takes a path from the top"), "\(validate.errors)")
    }
}
