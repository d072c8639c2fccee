//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("Two repositories of one machine that ask for the same training")
struct SharedResultTests {
    /// A second repository of the same machine, which publishes the same training to a model of its own.
    private func second(_ scenario: Scenario, manifest: String = Scenario.manifest(destination: "other/porter")) throws
        -> URL
    {
        let first = scenario.repository
        defer { scenario.repository = first }
        scenario.repository = scenario.folder.appending(path: "second")
        try FileManager.default.createDirectory(at: scenario.repository, withIntermediateDirectories: true)
        try scenario.git("init", "--quiet", "--initial-branch", "main")
        try scenario.writeManifests()
        try scenario.write(manifest, at: "manifests/greeter.yaml")
        try scenario.commit("Describe the porter")
        return scenario.repository
    }

    private func untrained() throws -> Scenario {
        let scenario = try Scenario()
        try scenario.writeManifests()
        try scenario.commit("Describe the greeter")
        return scenario
    }

    private func apply(_ scenario: Scenario, in folder: URL, _ environment: [String: String] = [:]) throws -> Running {
        try scenario.start(
            Scenario.executable.path,
            ["apply", "--auto-approve"],
            in: folder,
            environment: environment
        )
    }

    private func records(_ scenario: Scenario, in folder: URL) throws -> [String] {
        try scenario.git("ls-tree", "-r", "--name-only", "HEAD", "versions/", in: folder).split(separator: "\n")
            .map(String.init).filter { $0.hasSuffix(".yaml") }
    }

    @Test("share its result: the second trains nothing, pays nothing, and says where it is from")
    func shares() throws {
        let scenario = try Scenario.trained()
        let id = try #require(try scenario.versions().first).suffix(17)
        scenario.repository = try second(scenario)
        let plan = try scenario.ftops("plan", "--detailed-exitcode")
        #expect(plan.status == 2 && plan.output.contains("= reuse"), "\(plan.transcript)")
        #expect(plan.output.contains("trained on this machine for another repository"), "\(plan.transcript)")
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 0 && apply.output.contains("$0.00"), "\(apply.transcript)")
        #expect(try scenario.quickLog().count == 2, "one was started, and completed")
        let record = try #require(try scenario.versions().first)
        #expect(record.hasPrefix("versions/other/porter/1-") && record.hasSuffix(id))
        let text = try scenario.read(record)
        #expect(text.contains("attempts: 0") && !text.contains("acme/greeter"), "\(text)")
        #expect(try scenario.ftops("status", "--all").output.contains("published"))
        #expect(try scenario.ftops("run", "other/porter", "--name", "Ann").status == 0)
        #expect(try scenario.ftops("plan", "--detailed-exitcode").status == 0)
    }

    @Test("train once where they start at the same moment: the other waits, and reuses")
    func atOnce() throws {
        let scenario = try untrained()
        let gate = ["FTOPS_QUICK_GATE": scenario.folder.appending(path: "gate").path]
        // Devices of their own, as two GPUs are: it is not the device that they wait for.
        let devices = ["FTOPS_DEVICE_LOCKS": scenario.folder.appending(path: "other-devices").path]
        let other = try second(scenario)
        let both = [
            try apply(scenario, in: scenario.repository, gate),
            try apply(scenario, in: other, gate.merging(devices) { $1 }),
        ]
        #expect(
            try scenario.waits {
                try scenario.quickLog().contains { $0.contains("started") }
                    && (try scenario.runFolders()).contains { try scenario.isWaiting($0) }
            }
        )
        try Data().write(to: scenario.folder.appending(path: "gate"))
        for ended in both.map({ $0.wait() }) { #expect(ended.status == 0, "\(ended.transcript)") }
        #expect(try scenario.quickLog().count == 2)
        #expect(try records(scenario, in: scenario.repository).count == 1)
        #expect(try records(scenario, in: other).count == 1)
    }

    @Test("do not wait for one that was killed for good")
    func killed() throws {
        let scenario = try untrained()
        let gate = ["FTOPS_QUICK_GATE": scenario.folder.appending(path: "gate").path]
        let first = try apply(scenario, in: scenario.repository, gate)
        #expect(try scenario.waits { try scenario.quickLog().contains { $0.contains("started") } })
        let other = try second(scenario)
        let waiting = try apply(scenario, in: other)
        #expect(try scenario.waits { try scenario.runFolders().contains { try scenario.isWaiting($0) } })
        let dead = try #require(try scenario.runFolders().first { try !scenario.isWaiting($0) })
        first.kill()
        for role in ["supervisor", "trainer"] { scenario.kill(role: role, of: dead) }
        _ = first.wait()
        let ended = waiting.wait()
        #expect(ended.status == 0, "\(ended.transcript)")
        #expect(try records(scenario, in: other).count == 1)
        // Its own checkpoint is worth less than a result.
        let again = try scenario.ftops("apply", "--auto-approve")
        #expect(again.status == 0, "\(again.transcript)")
        #expect(try scenario.completedTrainings() == 1)
        #expect(try scenario.versions().count == 1)
    }

    @Test("judge the result anew where the second asks something else")
    func judges() throws {
        let scenario = try Scenario.trained()
        let manifest = Scenario.manifest(destination: "other/porter")
            .replacingOccurrences(of: "name: Ann", with: "name: Anna")
        scenario.repository = try second(scenario, manifest: manifest)
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 0, "\(apply.transcript)")
        #expect(try scenario.completedTrainings() == 1)
        #expect(try scenario.ftops("compare", "other/porter").output.contains("Greet Anna:"))
        #expect(try scenario.ftops("plan", "--detailed-exitcode").status == 0)
    }

    enum Damage: CaseIterable {
        case text
        case link
        case writable
        case record
        case another
        case absentWeights
        case changedWeights
    }

    @Test("believe nothing that cannot be verified, and train", arguments: Damage.allCases)
    func damaged(damage: Damage) throws {
        let scenario = try Scenario.trained()
        try scenario.spoil(damage)
        scenario.repository = try second(scenario)
        let plan = try scenario.ftops("plan")
        // A plan does not read gigabytes: that weights of the right size are others is found before they are used.
        if damage == .changedWeights {
            #expect(plan.output.contains("= reuse"), "\(plan.transcript)")
        } else {
            #expect(plan.output.contains("+ create"), "\(plan.transcript)")
            #expect(plan.errors.contains("[unusable-result]"), "\(plan.transcript)")
        }
        let apply = try scenario.ftops("apply", "--auto-approve")
        #expect(apply.status == 0, "\(apply.transcript)")
        #expect(try scenario.completedTrainings() == 2)
        #expect(try scenario.ftops("run", "other/porter", "--name", "Ann").status == 0)
    }
}

extension Scenario {
    /// Whether a run's supervisor waits for another repository's.
    fileprivate func isWaiting(_ run: URL) throws -> Bool {
        let log = (try? Data(contentsOf: run.appending(path: "supervisor.log"))) ?? Data()
        return String(decoding: log, as: UTF8.self).contains("waiting for another repository")
    }

    private func artifacts(_ folder: String) throws -> [URL] {
        let top = self.folder.appending(path: "state/artifacts").appending(path: folder)
        return try FileManager.default.subpathsOfDirectory(atPath: top.path).map { top.appending(path: $0) }
            .filter { !$0.hasDirectoryPath && (try? Data(contentsOf: $0)) != nil }
    }

    /// Spoils what the store says of a result.
    fileprivate func spoil(_ damage: SharedResultTests.Damage) throws {
        let note = try #require(try artifacts("trained").first { $0.pathExtension != "lock" })
        let objects = try artifacts("sha256")
        let digest = try String(contentsOf: note, encoding: .utf8)
        let weights = try #require(objects.first { (try? Data(contentsOf: $0))?.contains(Data("\"w\"".utf8)) == true })
        let files = FileManager.default
        switch damage {
        case .text: try Data("nonsense\n".utf8).write(to: note)
        case .link:
            try files.moveItem(at: note, to: folder.appending(path: "note"))
            try files.createSymbolicLink(at: note, withDestinationURL: folder.appending(path: "note"))
        case .writable: try files.setAttributes([.posixPermissions: 0o666], ofItemAtPath: note.path)
        case .record: try files.removeItem(at: try #require(objects.first { digest.hasPrefix($0.lastPathComponent) }))
        case .another: try Data((weights.lastPathComponent + "\n").utf8).write(to: note)
        case .absentWeights: try files.removeItem(at: weights)
        case .changedWeights:
            var bytes = try Data(contentsOf: weights)
            bytes[bytes.count - 1] ^= 1
            try files.removeItem(at: weights)
            try bytes.write(to: weights)
        }
    }
}
