//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("Versions whose weights the store has lost")
struct DriftTests {
    /// A version of which the store has nothing left.
    private func emptied() throws -> Scenario {
        let scenario = try Scenario.trained()
        try empty(scenario)
        return scenario
    }

    private func empty(_ scenario: Scenario) throws {
        let artifacts = scenario.folder.appending(path: "state/artifacts")
        let files = try #require(FileManager.default.enumerator(at: artifacts, includingPropertiesForKeys: nil))
        for case let file as URL in files where !file.hasDirectoryPath { try FileManager.default.removeItem(at: file) }
    }

    private func forgetRuns(_ scenario: Scenario) throws {
        for run in try FileManager.default.contentsOfDirectory(
            at: scenario.folder.appending(path: "state/runs"),
            includingPropertiesForKeys: nil
        ) {
            try FileManager.default.removeItem(at: run.appending(path: "output"))
        }
    }

    private func isDrifted(_ scenario: Scenario) throws -> Bool {
        try scenario.ftops("plan", "--refresh", "--detailed-exitcode").output.contains("< drifted")
    }

    @Test("apply --refresh puts back what the folder of the run still has, and trains nothing")
    func putsBack() throws {
        let scenario = try emptied()
        #expect(try isDrifted(scenario))
        let apply = try scenario.ftops("apply", "--refresh", "--auto-approve")
        #expect(apply.status == 0 && apply.errors.contains("put back"), "\(apply.transcript)")
        #expect(try scenario.completedTrainings() == 1)
        #expect(try !isDrifted(scenario))
        #expect(try scenario.ftops("run", "acme/greeter", "--name", "Ann").status == 0)
    }

    @Test("what this machine has no longer is left alone without --replace")
    func leavesAlone() throws {
        let scenario = try emptied()
        try forgetRuns(scenario)
        let apply = try scenario.ftops("apply", "--refresh", "--auto-approve")
        #expect(apply.status == 0 && apply.output.contains("lost; ftops apply --replace"), "\(apply.transcript)")
        #expect(try scenario.completedTrainings() == 1)
        #expect(try isDrifted(scenario))
    }

    @Test("apply --replace trains what was lost once more; equal weights are the version that was lost")
    func replaces() throws {
        let scenario = try emptied()
        try forgetRuns(scenario)
        let before = try scenario.git("rev-parse", "HEAD")
        let apply = try scenario.ftops("apply", "--replace", "--auto-approve")
        #expect(apply.status == 0, "\(apply.transcript)")
        #expect(apply.output.contains("lost:"), "\(apply.transcript)")
        #expect(try scenario.completedTrainings() == 2)
        #expect(try scenario.versions().count == 1)
        #expect(try scenario.git("rev-parse", "HEAD") == before)
        #expect(try !isDrifted(scenario))
        #expect(try scenario.ftops("apply", "--replace", "--auto-approve").output == "Nothing to do.\n")
        #expect(try scenario.completedTrainings() == 2)
    }

    @Test("other weights are a version of their own, and the one that was lost stays on record")
    func replacesByOthers() throws {
        let scenario = try emptied()
        try forgetRuns(scenario)
        scenario.environment["FTOPS_QUICK_SALT"] = "other"
        let apply = try scenario.ftops("apply", "--replace", "--auto-approve")
        #expect(apply.status == 0, "\(apply.transcript)")
        #expect(try scenario.versions().map { $0.split(separator: "/").last?.prefix(2) } == ["1-", "2-"])
        #expect(try !isDrifted(scenario))
        #expect(try scenario.ftops("plan", "--detailed-exitcode").status == 0)
        let entry = try scenario.git("grep", "-h", "-e", "^replaced:", "-e", "^state:", "refs/ftops/ledger")
        #expect(entry.contains("state: published") && entry.contains("replaced:"), "\(entry)")
    }

    @Test("a replacement whose apply was killed is gone on with by the next one, which needs no flag")
    func goesOn() throws {
        let scenario = try emptied()
        try forgetRuns(scenario)
        scenario.environment["FTOPS_QUICK_CRASH"] = "3:once"
        let apply = try scenario.startFtops("apply", "--replace", "--auto-approve")
        #expect(try scenario.waits { try scenario.quickLog().count { $0.contains("started") } == 2 })
        apply.kill()
        _ = apply.wait()
        let next = try scenario.ftops("apply", "--auto-approve")
        #expect(next.status == 0, "\(next.transcript)")
        #expect(try scenario.completedTrainings() == 2)
        #expect(try !isDrifted(scenario))
    }

    @Test("what another machine has trained since the plan was made is not trained again")
    func trainsOnce() throws {
        let scenario = try Scenario()
        try scenario.writeManifests()
        try scenario.commit("Describe the greeter")
        let trained = scenario.folder.appending(path: "trained")
        let other = [
            "FTOPS_STATE": scenario.folder.appending(path: "other-state").path,
            "FTOPS_DEVICE_LOCKS": scenario.folder.appending(path: "other-devices").path,
        ]
        let second = try scenario.startFtops(
            "apply",
            "--replace",
            typing: [("accepted: ", "yes\n")],
            once: trained,
            environment: other
        )
        #expect(scenario.waits { second.errors.contains("waiting") })
        let first = try scenario.ftops("apply", "--auto-approve")
        #expect(first.status == 0, "\(first.transcript)")
        try Data().write(to: trained)
        let ended = second.wait()
        #expect(ended.output.contains("+ create"), "\(ended.transcript)")
        #expect(try scenario.completedTrainings() == 1, "\(ended.transcript)")
    }

    @Test("what holds a training holds a replacement")
    func isHeld() throws {
        let scenario = try emptied()
        try forgetRuns(scenario)
        try scenario.write(
            """
            apiVersion: ftops/v1
            kind: Project
            metadata: {name: acme}
            spec:
              suspend: {reason: moving}
            """,
            at: "manifests/project.yaml"
        )
        try scenario.commit("Rest")
        let apply = try scenario.ftops("apply", "--replace", "--auto-approve")
        #expect(apply.status == 0 && apply.output.contains("suspended"), "\(apply.transcript)")
        #expect(try scenario.completedTrainings() == 1)
    }
}
