//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("What is lost on the way: the remote, the clone, the supervisor")
struct LossTests {
    private func scenario() throws -> Scenario {
        let scenario = try Scenario()
        scenario.environment["FTOPS_QUICK_STEP_SECONDS"] = "0.1"
        try scenario.writeManifests()
        try scenario.commit("Describe the greeter")
        try scenario.addOrigin()
        return scenario
    }

    private func published(_ scenario: Scenario) throws -> Int {
        try scenario.git("ls-tree", "-r", "--name-only", "main", "versions/", in: scenario.origin)
            .split(separator: "\n").count { $0.hasSuffix(".yaml") }
    }

    /// A training that came to its end while the remote was away, so that its result is only here.
    private func kept() throws -> (Scenario, away: URL) {
        let scenario = try scenario()
        let away = scenario.folder.appending(path: "away.git")
        let apply = try scenario.startFtops("apply", "--auto-approve")
        #expect(try scenario.waits { try scenario.quickLog().contains { $0.contains("started") } })
        try FileManager.default.moveItem(at: scenario.origin, to: away)
        let ended = apply.wait()
        #expect(ended.status == 1, "\(ended.transcript)")
        #expect(try scenario.completedTrainings() == 1)
        let refused = try scenario.ftops("apply", "--auto-approve")
        #expect(refused.status == 1 && refused.errors.contains("remote `origin` cannot be reached"))
        let plan = try scenario.ftops("plan")
        #expect(plan.status == 0 && plan.output.contains("ledger not seen"), "\(plan.transcript)")
        return (scenario, away)
    }

    @Test("a remote that is away while a training goes on gets its result from the next apply")
    func remoteAway() throws {
        let (scenario, away) = try kept()
        try FileManager.default.moveItem(at: away, to: scenario.origin)
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 0, "\(apply.transcript)")
        #expect(try scenario.completedTrainings() == 1)
        #expect(try published(scenario) == 1)
    }

    @Test("apply --wait asks a remote that is away again, and ends with the version once it is back")
    func waitsForRemote() throws {
        let scenario = try scenario()
        let away = scenario.folder.appending(path: "away.git")
        let apply = try scenario.startFtops("apply", "--auto-approve", "--wait")
        #expect(try scenario.waits { try scenario.quickLog().contains { $0.contains("started") } })
        try FileManager.default.moveItem(at: scenario.origin, to: away)
        #expect(scenario.waits { apply.errors.contains("asking again until it can be") })
        #expect(try scenario.completedTrainings() == 1 && apply.isRunning)
        try FileManager.default.moveItem(at: away, to: scenario.origin)
        let ended = apply.wait()
        #expect(ended.status == 0 && ended.output.contains("1 done"), "\(ended.transcript)")
        #expect(ended.errors.components(separatedBy: "asking again").count == 2)
        #expect(try published(scenario) == 1)
        #expect(try scenario.completedTrainings() == 1)
    }

    @Test("weights that are not those that the training left are never delivered")
    func damagedOutput() throws {
        let (scenario, away) = try kept()
        try FileManager.default.moveItem(at: away, to: scenario.origin)
        let run = try #require(try scenario.runFolders().first)
        let weights = run.appending(path: "output/adapter_model.safetensors")
        try Data("damaged".utf8).write(to: weights)
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 1)
        #expect((apply.output + apply.errors).contains("is not what the training left there"), "\(apply.transcript)")
        #expect(try published(scenario) == 0)
        for name in ["output", "done"] { try FileManager.default.removeItem(at: run.appending(path: name)) }
        let again = try scenario.ftops("apply", "--auto-approve")
        #expect(again.status == 0, "\(again.transcript)")
        #expect(try published(scenario) == 1)
    }

    @Test("a clone that is removed while a training goes on is replaced by the next one on this machine")
    func cloneRemoved() throws {
        let scenario = try scenario()
        let apply = try scenario.startFtops("apply", "--auto-approve")
        #expect(try scenario.waits { try scenario.quickLog().contains { $0.contains("started") } })
        apply.kill()
        _ = apply.wait()
        let other = scenario.folder.appending(path: "other")
        try scenario.git("clone", "--quiet", scenario.origin.path, other.path)
        try FileManager.default.removeItem(at: scenario.repository)
        #expect(try scenario.waits { try scenario.completedTrainings() == 1 })
        scenario.repository = other
        let again = try scenario.ftops("apply", "--auto-approve")
        #expect(again.status == 0, "\(again.transcript)")
        #expect(try scenario.completedTrainings() == 1)
        #expect(try published(scenario) == 1)
        #expect(try scenario.git("status", "--porcelain") == "")
    }

    enum Loss: CaseIterable {
        case removed
        case moved
        case broken
    }

    @Test(
        "a clone that is lost while a training goes on stops nothing: version and ledger are on the remote",
        arguments: Loss.allCases
    )
    func cloneLost(loss: Loss) throws {
        let scenario = try scenario()
        let apply = try scenario.startFtops("apply", "--auto-approve")
        #expect(try scenario.waits { try scenario.quickLog().contains { $0.contains("started") } })
        let files = FileManager.default
        switch loss {
        case .removed: try files.removeItem(at: scenario.repository)
        case .moved: try files.moveItem(at: scenario.repository, to: scenario.folder.appending(path: "moved"))
        case .broken: try files.removeItem(at: scenario.repository.appending(path: ".git/objects"))
        }
        _ = apply.wait()
        let ledger = { try scenario.git("show", "refs/ftops/ledger", in: scenario.origin) }
        #expect(try scenario.waits { try ledger().contains("state: published") })
        #expect(try published(scenario) == 1)
        #expect(try scenario.completedTrainings() == 1)
        try scenario.git("fsck", "--strict", in: scenario.origin)
        #expect(try scenario.git("log", "-1", "--format=%an", "main", in: scenario.origin) == "Test")
        let other = scenario.folder.appending(path: "other")
        try scenario.git("clone", "--quiet", scenario.origin.path, other.path, in: scenario.folder)
        scenario.repository = other
        #expect(try scenario.ftops("plan", "--detailed-exitcode").status == 0)
        #expect(try scenario.ftops("run", "acme/greeter", "--name", "Ann").status == 0)
    }

    @Test("a ledger that is lost comes back with what only the supervisor's copy of the remote has seen of it")
    func ledgerSeenByCopy() throws {
        let scenario = try scenario()
        let apply = try scenario.startFtops("apply", "--auto-approve")
        #expect(try scenario.waits { try scenario.quickLog().contains { $0.contains("started") } })
        apply.kill()
        _ = apply.wait()
        #expect(
            try scenario.waits { try published(scenario) == 1 && scenario.runFolders().allSatisfy(scenario.isFree) }
        )
        try scenario.git("update-ref", "-d", "refs/ftops/ledger", in: scenario.origin)
        #expect(try scenario.ftops("doctor", "--fix").status == 0)
        try scenario.git("pull", "--quiet", "--ff-only")
        let rows = "datasets/greetings.jsonl"
        try scenario.write(try scenario.read(rows) + Scenario.row(99), at: rows)
        try scenario.commit("Add a row")
        try scenario.git("push", "--quiet")
        let again = try scenario.ftops("apply", "--auto-approve")
        #expect(again.status == 0, "\(again.transcript)")
        #expect(try published(scenario) == 2)
        #expect(try scenario.completedTrainings() == 2)
    }

    @Test("a ledger that is lost is missed on a branch too that is older than every version")
    func ledgerMissing() throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        let first = try scenario.commit("Describe the greeter")
        #expect(try scenario.ftops("apply", "--auto-approve").status == 0)
        try scenario.git("update-ref", "-d", "refs/ftops/ledger")
        try scenario.git("checkout", "--quiet", "-b", "older", first)
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 1 && apply.errors.contains("ledger missing"), "\(apply.transcript)")
        #expect(try scenario.ftops("doctor", "--fix").status == 0)
        let again = try scenario.ftops("apply", "--auto-approve")
        #expect(again.status == 0, "\(again.transcript)")
        #expect(try scenario.completedTrainings() == 1)
        #expect(try scenario.versions().count == 1)
    }

    @Test("a version's file that is broken is named with its branch, and the ledger comes back with the others")
    func brokenVersion() throws {
        let scenario = try Scenario.trained()
        let record = try #require(try scenario.versions().first)
        let text = try scenario.read(record)
        try scenario.git("checkout", "--quiet", "-b", "side")
        try scenario.write(text.replacingOccurrences(of: "kind: Version", with: "kind: Nonsense"), at: record)
        try scenario.commit("Break the record")
        try scenario.git("checkout", "--quiet", "main")
        try scenario.write(
            try scenario.read("datasets/greetings.jsonl") + Scenario.row(99),
            at: "datasets/greetings.jsonl"
        )
        try scenario.commit("Add a row")
        #expect(try scenario.ftops("apply", "--auto-approve").status == 0)
        try scenario.git("rm", "--quiet", record)
        try scenario.git("commit", "--quiet", "--message", "Forget the first version")
        try scenario.git("update-ref", "-d", "refs/ftops/ledger")
        let doctor = try scenario.ftops("doctor", "--fix")
        #expect(doctor.status == 1 && doctor.output.contains("made anew, 1 run at"), "\(doctor.transcript)")
        #expect(doctor.output.contains("branch side: \(record):2:7"), "\(doctor.transcript)")
        try scenario.git("checkout", "--quiet", "side")
        try scenario.write(text, at: record)
        try scenario.commit("Mend the record")
        let mended = try scenario.ftops("doctor", "--fix")
        #expect(mended.status == 0 && mended.output.contains("2 runs at"), "\(mended.transcript)")
    }

    @Test("an attempt that was lost has its cost in the ledger, and a version without a price has none")
    func lostCost() throws {
        let scenario = try scenario()
        let project = """
            apiVersion: ftops/v1
            kind: Project
            metadata: {name: acme}
            spec: {backends: {node: {price_per_gpu_hour: 3600.00}}}
            """
        try scenario.write(project, at: "manifests/project.yaml")
        try scenario.commit("Say what an hour costs")
        try scenario.git("push", "--quiet")
        let apply = try scenario.startFtops("apply", "--auto-approve")
        let run = { try #require(try scenario.runFolders().first) }
        #expect(
            try scenario.waits {
                guard try scenario.quickLog().contains(where: { $0.contains("started") }) else { return false }
                let events = (try? Data(contentsOf: run().appending(path: "events.jsonl"))) ?? Data()
                return String(decoding: events, as: UTF8.self).contains("\"step\"")
            }
        )
        scenario.strike(.all, apply)
        _ = apply.wait()
        #expect(try scenario.ftops("apply", "--auto-approve").status == 0)
        let files = try scenario.git("ls-tree", "-r", "--name-only", "refs/ftops/ledger", in: scenario.origin)
        let entry = try scenario.git("show", "refs/ftops/ledger:\(files)", in: scenario.origin)
        #expect(entry.contains(#/outcome: lost\n\s+cost: [0-9]/#), "\(entry)")
        #expect(try scenario.ftops("show", "acme/greeter").output.contains(#/cost +\$[0-9]/#))
    }

    @Test("a supervisor that is killed between store and branch is followed by one that publishes, in the same apply")
    func supervisorKilled() throws {
        let scenario = try scenario()
        // git writes a reflog while it holds the lock, and does not get on where nobody reads what it writes.
        let log = scenario.origin.appending(path: "logs/refs/heads/main")
        try scenario.git("config", "core.logAllRefUpdates", "always", in: scenario.origin)
        try FileManager.default.createDirectory(at: log.deletingLastPathComponent(), withIntermediateDirectories: true)
        #expect(mkfifo(log.path, 0o600) == 0)
        let apply = try scenario.startFtops("apply", "--auto-approve")
        let lock = scenario.origin.appending(path: "refs/heads/main.lock").path
        #expect(scenario.waits { FileManager.default.fileExists(atPath: lock) })
        try FileManager.default.removeItem(at: log)
        scenario.kill(role: "supervisor")
        let ended = apply.wait()
        #expect(ended.status == 0, "\(ended.transcript)")
        #expect(!ended.output.contains("not published"), "\(ended.transcript)")
        #expect(try published(scenario) == 1)
        #expect(try scenario.ftops("status", "--all").output.contains("published"))
    }
}

extension Scenario {
    /// Whether nobody is at a run any more, as its lock says.
    func isFree(_ run: URL) throws -> Bool {
        let lock = run.appending(path: "run.lock").path
        return try start("/usr/bin/flock", ["--nonblock", lock, "true"], in: folder).wait().status == 0
    }

    /// The folders of this machine's runs.
    func runFolders() throws -> [URL] {
        let runs = folder.appending(path: "state/runs")
        return try FileManager.default.contentsOfDirectory(at: runs, includingPropertiesForKeys: nil)
    }
}
