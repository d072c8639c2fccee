//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("Two machines with clones of one repository")
struct TwoMachineTests {
    /// A clone of the origin whose ftops has a state of its own, as another machine has.
    private func clone(_ scenario: Scenario) throws -> (repository: URL, environment: [String: String]) {
        let clone = scenario.folder.appending(path: "other")
        try scenario.git("clone", "--quiet", scenario.origin.path, clone.path)
        return (
            clone,
            [
                "FTOPS_STATE": scenario.folder.appending(path: "other-state").path,
                "FTOPS_DEVICE_LOCKS": scenario.folder.appending(path: "other-devices").path,
            ]
        )
    }

    private func start(_ scenario: Scenario, in folder: URL, _ environment: [String: String]) throws -> Running {
        try scenario.start(
            Scenario.executable.path,
            ["apply", "--auto-approve", "--wait"],
            in: folder,
            environment: environment
        )
    }

    /// A machine that was killed for good while it trained, and another one beside it.
    private func killedForGood() throws -> (Scenario, (repository: URL, environment: [String: String])) {
        let scenario = try Scenario()
        scenario.environment["FTOPS_QUICK_STEP_SECONDS"] = "0.2"
        try scenario.writeManifests()
        try scenario.commit("Describe the greeter")
        try scenario.addOrigin()
        let other = try clone(scenario)
        let apply = try scenario.startFtops("apply", "--auto-approve")
        #expect(try scenario.waits { try scenario.quickLog().contains { $0.contains("started") } })
        apply.kill()
        scenario.kill(role: "supervisor")
        scenario.kill(role: "trainer")
        _ = apply.wait()
        return (scenario, other)
    }

    @Test("that apply at once train once, and git pull brings the version to the other")
    func trainsOnce() throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        try scenario.commit("Describe the greeter")
        try scenario.addOrigin()
        let other = try clone(scenario)
        let both = [
            try start(scenario, in: scenario.repository, [:]),
            try start(scenario, in: other.repository, other.environment),
        ]
        for finished in both.map({ $0.wait() }) { #expect(finished.status == 0, "\(finished.transcript)") }
        #expect(try scenario.completedTrainings() == 1)
        for repository in [scenario.repository, other.repository] {
            try scenario.git("pull", "--quiet", "--ff-only", in: repository)
            let tree = try scenario.git("ls-tree", "-r", "--name-only", "HEAD", "versions/", in: repository)
            #expect(tree.split(separator: "\n").count { $0.hasSuffix(".yaml") } == 1)
        }
    }

    @Test("that apply several share the work, and wait for each other only at the end")
    func sharesWork() throws {
        let scenario = try Scenario.several([
            .init("a", rank: 4), .init("b", rank: 8), .init("c", rank: 16),
        ])
        try scenario.addOrigin()
        let other = try clone(scenario)
        let gate = scenario.folder.appending(path: "gate")
        let held = try start(scenario, in: scenario.repository, ["FTOPS_QUICK_GATE": gate.path])
        #expect(try scenario.waits { try scenario.quickLog().contains { $0.contains("started") } })
        let free = try start(scenario, in: other.repository, other.environment)
        #expect(try scenario.waits { try scenario.completedTrainings() == 2 })
        try Data().write(to: gate)
        for finished in [held.wait(), free.wait()] {
            #expect(finished.status == 0 && finished.output.contains("Applied: 3 done"), "\(finished.transcript)")
        }
        #expect(try scenario.quickLog().count { $0.contains("started") } == 3)
        for repository in [scenario.repository, other.repository] {
            let tree = try scenario.git("ls-tree", "-r", "--name-only", "HEAD", "versions/", in: repository)
            #expect(tree.split(separator: "\n").count { $0.hasSuffix(".yaml") } == 3)
        }
    }

    @Test("of which one is killed for good: the other takes over once the lease ran out")
    func takesOver() throws {
        let (scenario, other) = try killedForGood()
        let early = try scenario.start(
            Scenario.executable.path,
            ["apply", "--auto-approve"],
            in: other.repository,
            environment: other.environment
        ).wait()
        #expect(early.status == 0, "\(early.transcript)")
        #expect(try scenario.completedTrainings() == 0, "\(early.transcript)")
        var later = other.environment
        later["FTOPS_CLOCK_OFFSET"] = "\(25 * 3600)"
        let takeover = try start(scenario, in: other.repository, later).wait()
        #expect(takeover.status == 0, "\(takeover.transcript)")
        #expect(try scenario.completedTrainings() == 1)
        let tree = try scenario.git("ls-tree", "-r", "--name-only", "main", "versions/", in: scenario.origin)
        #expect(tree.split(separator: "\n").count { $0.hasSuffix(".yaml") } == 1)
    }

    @Test("of which one is said to be lost: the other takes over at once")
    func resolvesLost() throws {
        let (scenario, other) = try killedForGood()
        let resolve = try scenario.start(
            Scenario.executable.path,
            ["resolve", "greeter", "--lost"],
            in: other.repository,
            environment: other.environment
        ).wait()
        #expect(resolve.status == 0, "\(resolve.transcript)")
        let takeover = try start(scenario, in: other.repository, other.environment).wait()
        #expect(takeover.status == 0, "\(takeover.transcript)")
        #expect(try scenario.completedTrainings() == 1)
    }
}
