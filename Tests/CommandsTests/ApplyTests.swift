//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("Applying with a quick trainer")
struct ApplyTests {
    private func scenario() throws -> Scenario {
        let scenario = try Scenario()
        try scenario.writeManifests()
        try scenario.commit("Describe the greeter")
        return scenario
    }

    @Test("plans, trains, commits the version, and then has nothing to do")
    func trainsOnce() throws {
        let scenario = try scenario()
        let plan = try scenario.ftops("plan", "--detailed-exitcode")
        #expect(plan.status == 2, "\(plan.transcript)")
        #expect(plan.output.contains("+ create"))
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 0, "\(apply.transcript)")
        #expect(try scenario.git("status", "--porcelain") == "")
        #expect(try scenario.git("log", "--format=%s", "-1").hasPrefix("Publish acme/greeter 1 ("))
        let files = try scenario.git("ls-tree", "-r", "--name-only", "HEAD", "versions/")
        #expect(files.contains("versions/acme/greeter/1-"))
        #expect(files.contains("versions/acme/greeter/README.md"))
        let again = try scenario.ftops("apply", "--auto-approve")
        #expect(again.status == 0, "\(again.transcript)")
        #expect(try scenario.ftops("plan", "--detailed-exitcode").status == 0)
        #expect(try scenario.completedTrainings() == 1)
        try scenario.git("fsck", "--strict")
    }

    @Test("with a remote that is a folder, puts the version there and lets the branch follow")
    func publishesToRemote() throws {
        let scenario = try scenario()
        try scenario.addOrigin()
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 0, "\(apply.transcript)")
        let here = try scenario.git("rev-parse", "main")
        #expect(try scenario.git("rev-parse", "main", in: scenario.origin) == here)
        #expect(try scenario.git("rev-parse", "origin/main") == here)
        #expect(try scenario.git("status", "--porcelain") == "")
        #expect(try scenario.git("show", "refs/ftops/ledger", "--format=%s", "--no-patch", in: scenario.origin) != "")
    }

    @Test("an edited comment plans nothing, an added row plans an update, a reverted edit is up to date")
    func edits() throws {
        let scenario = try scenario()
        #expect(try scenario.ftops("apply", "--auto-approve").status == 0)
        try scenario.write(
            "# a comment\n" + (try scenario.read("manifests/greeter.yaml")),
            at: "manifests/greeter.yaml"
        )
        #expect(try scenario.ftops("plan", "--detailed-exitcode").status == 0)
        let rows = try scenario.read("datasets/greetings.jsonl")
        try scenario.write(rows + Scenario.row(99), at: "datasets/greetings.jsonl")
        let plan = try scenario.ftops("plan", "--detailed-exitcode")
        #expect(plan.status == 2)
        #expect(plan.output.contains("~ update") && plan.output.contains("+1 row"), "\(plan.transcript)")
        try scenario.write(rows, at: "datasets/greetings.jsonl")
        #expect(try scenario.ftops("plan", "--detailed-exitcode").status == 0)
    }

    @Test("refuses uncommitted manifests and data by their names")
    func refusesUncommitted() throws {
        let scenario = try scenario()
        try scenario.write(Scenario.row(1), at: "datasets/greetings.jsonl")
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 1)
        #expect(apply.errors.contains("datasets/greetings.jsonl"), "\(apply.transcript)")
    }

    @Test(
        "refuses data that is not committed wherever it lies, and plan names it",
        arguments: ["data/rows.jsonl", "datasets/rows.jsonl", "rows.jsonl"]
    )
    func refusesUncommittedAnywhere(path: String) throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        let manifest = Scenario.manifest().replacingOccurrences(of: "datasets/greetings.jsonl", with: "./" + path)
        try scenario.write(manifest, at: "manifests/greeter.yaml")
        let rows = try scenario.read("datasets/greetings.jsonl")
        try scenario.write(rows, at: path)
        try scenario.commit("Describe the greeter")
        #expect(try !scenario.ftops("plan").output.contains("not committed"))
        try scenario.write(rows + Scenario.row(99), at: path)
        let edited = try scenario.ftops("plan")
        #expect(edited.output.contains("    \(path)\n"), "\(edited.transcript)")
        #expect(try scenario.ftops("apply", "--auto-approve").errors.contains(path))
        try scenario.write("\(path)\n", at: ".gitignore")
        try scenario.git("rm", "--quiet", "--cached", path)
        try scenario.git("add", ".gitignore")
        try scenario.git("commit", "--quiet", "--message", "Ignore the data")
        let ignored = try scenario.ftops("apply", "--auto-approve")
        #expect(ignored.status == 1 && ignored.errors.contains("not committed: \(path)"), "\(ignored.transcript)")
        let named = try scenario.ftops("plan", "--ref", "HEAD")
        #expect(named.status == 1 && named.errors.contains("git add --force \(path)"), "\(named.transcript)")
        #expect(try scenario.quickLog().isEmpty)
    }

    @Test("says alike of work tree and commit that symbolic links are not followed")
    func refusesLinks() throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        let (data, top) = ("datasets/greetings.jsonl", scenario.repository)
        try scenario.write(try scenario.read(data), at: "rows.jsonl")
        try FileManager.default.removeItem(at: top.appending(path: data))
        try FileManager.default.createSymbolicLink(
            atPath: top.appending(path: data).path,
            withDestinationPath: "../rows.jsonl"
        )
        try scenario.commit("Link the data")
        for arguments in [["plan"], ["plan", "--ref", "HEAD"], ["apply", "--auto-approve"]] {
            let ended = try scenario.start(Scenario.executable.path, arguments).wait()
            #expect(ended.status == 1 && ended.errors.contains("is a symbolic link"), "\(ended.transcript)")
        }
        try FileManager.default.createSymbolicLink(
            atPath: top.appending(path: "manifests/more.yaml").path,
            withDestinationPath: "greeter.yaml"
        )
        try scenario.commit("Link a manifest")
        for arguments in [["validate"], ["validate", "--ref", "HEAD"]] {
            let ended = try scenario.start(Scenario.executable.path, arguments).wait()
            #expect(ended.status == 1 && ended.errors.contains("manifests/more.yaml:1:1"), "\(ended.transcript)")
        }
    }

    @Test("two that start at once make one training")
    func twoAtOnce() throws {
        let scenario = try scenario()
        let both = try (1...2).map { _ in try scenario.startFtops("apply", "--auto-approve") }
        let ended = both.map { $0.wait() }
        #expect(ended.map(\.status) == [0, 0], "\(ended.map(\.transcript))")
        #expect(try scenario.completedTrainings() == 1)
        #expect(try scenario.versions().count == 1)
    }
}

extension Scenario {
    /// How many trainings the quick trainer has completed.
    func completedTrainings() throws -> Int { try quickLog().count { $0.contains("completed") } }

    /// What the quick trainer noted.
    func quickLog() throws -> [Substring] {
        let file = folder.appending(path: "quick.log")
        guard FileManager.default.fileExists(atPath: file.path) else { return [] }
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    }

    /// The records that HEAD has.
    func versions() throws -> [String] {
        try git("ls-tree", "-r", "--name-only", "HEAD", "versions/").split(separator: "\n").map(String.init)
            .filter { $0.hasSuffix(".yaml") }
    }
}
