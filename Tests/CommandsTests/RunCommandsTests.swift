//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("Status, logs, cancel and resolve")
struct RunCommandsTests {
    private static let slow = ["FTOPS_QUICK_STEP_SECONDS": "0.2", "FTOPS_QUICK_STEPS": "400"]

    private func scenario() throws -> Scenario {
        let scenario = try Scenario()
        try scenario.writeManifests()
        try scenario.commit("Describe the greeter")
        return scenario
    }

    @Test("before the first run, each says what to do")
    func beforeTheFirst() throws {
        let scenario = try scenario()
        #expect(try scenario.ftops("status").output == "No runs yet: ftops plan shows what would be trained.\n")
        for arguments in [["logs", "greeter"], ["cancel", "greeter"], ["resolve", "--lost", "greeter"]] {
            let ended = try scenario.start(Scenario.executable.path, arguments).wait()
            #expect(ended.status == 1, "\(ended.transcript)")
            #expect(ended.errors == "error: greeter has no run yet; ftops apply starts one\n")
        }
        let unknown = try scenario.ftops("cancel", "porter")
        #expect(unknown.errors == "error: there is no run `porter`; ftops status --all lists them\n")
    }

    @Test("after it was published, each says that there is nothing left to do")
    func afterTheEnd() throws {
        let scenario = try scenario()
        #expect(try scenario.ftops("apply", "--auto-approve").status == 0)
        #expect(
            try scenario.ftops("status").output == "Every run was published: ftops status --all lists them.\n"
        )
        for arguments in [["cancel", "greeter"], ["cancel", "greeter"], ["resolve", "--lost", "greeter"]] {
            let ended = try scenario.start(Scenario.executable.path, arguments).wait()
            #expect(ended.status == 1 && ended.errors.contains("is published: nobody is at it"), "\(ended.transcript)")
        }
        let near = try scenario.ftops("logs", "greter")
        #expect(near.status == 1 && near.errors.contains("did you mean greeter?"), "\(near.transcript)")
    }

    @Test("logs --follow waits for the log and ends with the run, which cancel ends, asked once or twice")
    func follows() throws {
        let scenario = try scenario()
        let apply = try scenario.startFtops("apply", "--auto-approve", environment: Self.slow)
        #expect(try scenario.waits { try scenario.ftops("status").output.contains("greeter") })
        let logs = try scenario.startFtops("logs", "--follow", "greeter")
        #expect(try scenario.waits { try scenario.quickLog().contains { $0.contains("started") } })
        for _ in 1...2 {
            let cancel = try scenario.ftops("cancel", "greeter")
            #expect(cancel.status == 0 && cancel.errors.contains("within a minute"), "\(cancel.transcript)")
        }
        #expect(try scenario.ftops("status").output.contains("cancelling"))
        #expect(logs.wait().status == 0)
        #expect(apply.wait().status == 1)
    }

    @Test("a run that nobody is at any more is ended as cancelled by the next apply")
    func cancelsTheDead() throws {
        let scenario = try scenario()
        let apply = try scenario.startFtops("apply", "--auto-approve", environment: Self.slow)
        #expect(try scenario.waits { try scenario.quickLog().contains { $0.contains("started") } })
        apply.kill()
        scenario.kill(role: "supervisor")
        scenario.kill(role: "trainer")
        _ = apply.wait()
        let cancel = try scenario.ftops("cancel", "greeter")
        #expect(cancel.status == 0 && cancel.errors.contains("not being trained now"), "\(cancel.transcript)")
        let again = try scenario.ftops("apply", "--auto-approve")
        #expect(again.status == 1 && again.errors.contains("cancelled"), "\(again.transcript)")
        #expect(try scenario.completedTrainings() == 0)
    }

    @Test("a state folder that cannot be made is an error that says what to set, and plan goes on without")
    func unwritableState() throws {
        let scenario = try scenario()
        let nowhere = ["FTOPS_STATE": "/proc/nowhere"]
        #expect(try scenario.ftops("plan", environment: nowhere).status == 0)
        let status = try scenario.ftops("status", environment: nowhere)
        #expect(status.status == 1 && status.errors.contains("set FTOPS_STATE"), "\(status.transcript)")
    }

    @Test("the log of another machine's run is said to be there")
    func logsElsewhere() throws {
        let scenario = try scenario()
        #expect(try scenario.ftops("apply", "--auto-approve").status == 0)
        let elsewhere = ["FTOPS_STATE": scenario.folder.appending(path: "other-state").path]
        let logs = try scenario.ftops("logs", "--follow", "greeter", environment: elsewhere)
        #expect(logs.status == 1 && logs.errors.contains("ask ftops logs there"), "\(logs.transcript)")
    }
}
