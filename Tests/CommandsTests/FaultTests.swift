//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("Faults: kill -9 at seeded random moments", .serialized)
struct FaultTests {
    /// How many moments are tried for each victim; `make faults` sets more.
    private static let moments = ProcessInfo.processInfo.environment["FTOPS_FAULTS"].flatMap { Int($0) } ?? 2

    @Test("leaves one version and one completed training", arguments: Victim.allCases, 1...moments)
    func survives(victim: Victim, seed: Int) throws {
        let scenario = try Scenario()
        scenario.environment["FTOPS_QUICK_STEP_SECONDS"] = "0.02"
        scenario.environment["FTOPS_QUICK_STEPS"] = "12"
        try scenario.writeManifests()
        try scenario.commit("Describe the greeter")
        try scenario.addOrigin()
        let apply = try scenario.startFtops("apply", "--auto-approve")
        apply.goOn(for: victim.moment(seed))
        scenario.strike(victim, apply)
        _ = apply.wait()
        let again = try scenario.ftops("apply", "--auto-approve")
        #expect(again.status == 0, "seed \(seed): \(again.transcript)")
        try expectOneVersion(scenario, "victim \(victim) seed \(seed)")
    }

    @Test("in the midst of moving the remote's branch leaves a lock there that the next apply takes away")
    func movingTheBranch() throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        try scenario.commit("Describe the greeter")
        try scenario.addOrigin()
        // git writes a reflog while it holds the lock, and does not get on where nobody reads what it writes.
        let log = scenario.origin.appending(path: "logs/refs/heads/main")
        try scenario.git("config", "core.logAllRefUpdates", "always", in: scenario.origin)
        try FileManager.default.createDirectory(at: log.deletingLastPathComponent(), withIntermediateDirectories: true)
        #expect(mkfifo(log.path, 0o600) == 0)
        let lock = scenario.origin.appending(path: "refs/heads/main.lock").path
        let apply = try scenario.startFtops("apply", "--auto-approve")
        #expect(scenario.waits { FileManager.default.fileExists(atPath: lock) })
        apply.kill()
        scenario.kill(role: "supervisor")
        _ = apply.wait()
        try FileManager.default.removeItem(at: log)
        #expect(FileManager.default.fileExists(atPath: lock))
        let again = try scenario.ftops("apply", "--auto-approve")
        #expect(again.status == 0, "\(again.transcript)")
        #expect(!FileManager.default.fileExists(atPath: lock))
        try expectOneVersion(scenario, "killed with the branch's lock")
    }

    @Test("leaves one version and one completed training while it is paused", arguments: Victim.allCases, 1...moments)
    func survivesPausing(victim: Victim, seed: Int) throws {
        let scenario = try Scenario()
        scenario.environment["FTOPS_QUICK_STEP_SECONDS"] = "0.1"
        scenario.environment["FTOPS_QUICK_STEPS"] = "12"
        try scenario.writeManifests()
        try scenario.commit("Describe the greeter")
        try scenario.addOrigin()
        // Whoever sits at the terminal pauses, and somebody else does so too.
        let apply = try scenario.startFtops(
            "apply",
            "--auto-approve",
            typing: [("loss ", "\u{3}"), ("leave it running (Enter)? ", "p\n")]
        )
        #expect(try scenario.waits { try scenario.quickLog().contains { $0.contains("started") } })
        let pause = seed.isMultiple(of: 2) ? try scenario.startFtops("pause", "greeter") : nil
        apply.goOn(for: victim.moment(seed, upTo: 2))
        scenario.strike(victim, apply)
        if victim == .all { pause?.kill() }
        _ = (apply.wait(), pause?.wait())
        let comment: Comment = "pausing, victim \(victim) seed \(seed)"
        let held = try scenario.ftops("apply", "--auto-approve")
        #expect(held.status == 0, comment)
        // It is paused still, or has come to its end, and then there is nothing to resume.
        _ = try scenario.ftops("resume", "greeter")
        let again = try scenario.ftops("apply", "--auto-approve")
        #expect(again.status == 0, "\(comment): \(again.transcript)")
        try expectOneVersion(scenario, comment)
    }

    private func expectOneVersion(_ scenario: Scenario, _ comment: Comment) throws {
        #expect(try scenario.completedTrainings() == 1, comment)
        try scenario.expectOnePublished(comment)
    }
}
