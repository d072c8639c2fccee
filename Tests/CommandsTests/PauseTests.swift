//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//
import Foundation
import FtopsTestSupport
import Testing

@Suite("Pausing")
struct PauseTests {
    /// What a person does who presses Ctrl-C while the trainer takes steps.
    private static func interrupts(_ answer: String) -> [(after: String, keys: String)] {
        [("2/6", "\u{3}"), ("leave it running (Enter)? ", answer)]
    }

    /// A fine-tune whose trainer takes two steps of six, and no more before the gate is open.
    private func scenario() throws -> Scenario {
        let scenario = try Scenario.gated(from: 3)
        try scenario.writeManifests()
        try scenario.commit("Describe the greeter")
        return scenario
    }

    private func whole() throws -> [String] {
        let scenario = try scenario()
        try scenario.openGate()
        #expect(try scenario.ftops("apply", "--auto-approve").status == 0)
        return try scenario.versions()
    }

    private func isTraining(_ scenario: Scenario) throws -> Bool {
        try scenario.waits { try scenario.ftops("status").output.contains("step 2/6") }
    }

    private func isPaused(_ scenario: Scenario) throws -> Bool {
        try scenario.waits { try scenario.state() == "paused" }
    }

    @Test("Ctrl-C and p stop the training at a checkpoint, and the next apply ends it with the same weights")
    func pausesAtTerminal() throws {
        let scenario = try scenario()
        let apply = try scenario.startFtops("apply", "--auto-approve", typing: Self.interrupts("p\n")).wait()
        #expect(apply.status == 130, "\(apply.transcript)")
        #expect(apply.output.contains("paused  ftops apply resumes it (step 2 of 6)"), "\(apply.transcript)")
        #expect(try scenario.quickLog().count { $0.contains("completed") } == 0)
        let status = try scenario.ftops("status").output
        #expect(status.contains("paused") && status.contains("since 2"), "\(status)")
        let plan = try scenario.ftops("plan", "--detailed-exitcode")
        #expect(plan.status == 0 && plan.output.contains("paused, held by this machine"), "\(plan.transcript)")
        #expect(plan.output.contains("next       ftops apply"), "\(plan.transcript)")
        try scenario.openGate()
        let again = try scenario.ftops("apply", "--auto-approve")
        #expect(again.status == 0, "\(again.transcript)")
        #expect(try scenario.quickLog().count { $0.contains("resumed") } == 1)
        #expect(try scenario.completedTrainings() == 1)
        #expect(try scenario.versions() == whole())
    }

    @Test("Ctrl-C and Enter, or Ctrl-C twice, leave the training running", arguments: ["\n", "no\n", "\u{3}"])
    func leavesAtTerminal(answer: String) throws {
        let scenario = try scenario()
        let apply = try scenario.startFtops("apply", "--auto-approve", typing: Self.interrupts(answer)).wait()
        #expect(apply.status == 130, "\(apply.transcript)")
        #expect(apply.output.contains("running  ftops apply watches it"), "\(apply.transcript)")
        try scenario.openGate()
        let again = try scenario.ftops("apply", "--auto-approve")
        #expect(again.status == 0, "\(again.transcript)")
        #expect(try scenario.quickLog().map { $0.prefix { $0 != " " } } == ["started", "completed"])
    }

    @Test("Ctrl-C after p leaves at once, and the training pauses all the same")
    func leavesPausing() throws {
        let scenario = try scenario()
        let late = ["FTOPS_QUICK_STOP_SECONDS": "3"]
        let steps = Self.interrupts("p\n") + [("leaves at once", "\u{3}")]
        let apply = try scenario.startFtops("apply", "--auto-approve", typing: steps, environment: late).wait()
        #expect(apply.status == 130 && apply.output.contains("pauses at its next checkpoint"), "\(apply.transcript)")
        #expect(try isPaused(scenario))
        try scenario.openGate()
        #expect(try scenario.ftops("apply", "--auto-approve").status == 0)
        #expect(try scenario.completedTrainings() == 1)
    }

    @Test("ftops pause holds a run against every apply, until ftops resume")
    func holds() throws {
        let scenario = try scenario()
        let apply = try scenario.startFtops("apply", "--auto-approve")
        #expect(try isTraining(scenario))
        let pause = try scenario.ftops("pause", "greeter")
        #expect(pause.status == 0 && pause.errors.contains("ftops resume greeter"), "\(pause.transcript)")
        let paused = apply.wait()
        #expect(
            paused.status == 0 && paused.output.contains("ftops resume greeter lets it go on (by Test, "),
            "\(paused.transcript)"
        )
        #expect(try scenario.ftops("status").output.contains("by Test, since 2"))
        let plan = try scenario.ftops("plan").output
        #expect(plan.contains("to be paused, by Test") && plan.contains("ftops resume greeter"), "\(plan)")
        #expect(try scenario.ftops("pause", "greeter").errors.contains("stays so"))
        let held = try scenario.ftops("apply", "--auto-approve")
        #expect(held.status == 0 && held.output.contains("ftops resume greeter"), "\(held.transcript)")
        #expect(try scenario.quickLog().map { $0.prefix { $0 != " " } } == ["started"])
        try scenario.openGate()
        let resume = try scenario.ftops("resume", "greeter")
        #expect(resume.status == 0 && resume.errors.contains("goes on"), "\(resume.transcript)")
        #expect(try scenario.waits { try scenario.versions().count == 1 })
        #expect(try scenario.versions() == whole())
        #expect(try scenario.ftops("apply", "--auto-approve").output.contains("Nothing to do"))
        #expect(try scenario.ftops("resume", "greeter").status == 1)
        #expect(try scenario.quickLog().map { $0.prefix { $0 != " " } } == ["started", "resumed", "completed"])
    }

    @Test("a paused run is cancelled at once, and a manifest that no longer asks for it does not start it")
    func cancels() throws {
        let scenario = try scenario()
        let apply = try scenario.startFtops("apply", "--auto-approve", typing: Self.interrupts("p\n")).wait()
        #expect(apply.status == 130, "\(apply.transcript)")
        try scenario.writeManifests(hyperparameters: "{max_steps: 5}")
        try scenario.commit("Change the greeter")
        try scenario.openGate()
        let other = try scenario.ftops("apply", "--auto-approve")
        #expect(other.status == 0 && other.errors.contains("stays paused"), "\(other.transcript)")
        #expect(try scenario.completedTrainings() == 1)
        let run = try #require(try scenario.ftops("status").output.split(separator: "\n").last?.prefix(12))
        let cancel = try scenario.ftops("cancel", String(run))
        #expect(cancel.status == 0 && cancel.errors.contains("is cancelled"), "\(cancel.transcript)")
        #expect(try scenario.ftops("status").output.contains("cancelled"))
    }

    @Test("a run that waits for its device is paused before it is started, and resumed")
    func pausesWaiting() throws {
        let scenario = try scenario()
        let lock = scenario.folder.appending(path: "devices/cpu.lock").path
        let folder = scenario.folder.appending(path: "devices")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let holder = try scenario.start("/usr/bin/flock", ["--no-fork", lock, "sleep", "600"])
        defer { holder.kill() }
        #expect(scenario.waits { FileManager.default.fileExists(atPath: lock) })
        let apply = try scenario.startFtops("apply", "--auto-approve")
        #expect(try scenario.waits { try scenario.state() == "claimed" })
        #expect(try scenario.ftops("pause", "greeter").status == 0)
        let paused = apply.wait()
        #expect(
            paused.status == 0 && paused.output.contains("ftops resume greeter lets it go on (by Test)"),
            "\(paused.transcript)"
        )
        #expect(try scenario.quickLog().isEmpty)
        holder.kill()
        try scenario.openGate()
        #expect(try scenario.ftops("resume", "greeter").status == 0)
        #expect(try scenario.waits { try scenario.versions().count == 1 })
        #expect(try scenario.completedTrainings() == 1)
    }

    @Test("pause and resume come from any machine, and the run stays with its holder")
    func twoMachines() throws {
        let scenario = try scenario()
        try scenario.addOrigin()
        let clone = scenario.folder.appending(path: "other")
        try scenario.git("clone", "--quiet", scenario.origin.path, clone.path)
        let there = ["FTOPS_STATE": scenario.folder.appending(path: "other-state").path]
        func other(_ arguments: String...) throws -> Finished {
            try scenario.start(Scenario.executable.path, arguments, in: clone, environment: there).wait()
        }
        let apply = try scenario.startFtops("apply", "--auto-approve")
        #expect(try isTraining(scenario))
        let pause = try other("pause", "greeter")
        #expect(pause.status == 0 && pause.errors.contains("every minute"), "\(pause.transcript)")
        let paused = apply.wait()
        #expect(
            paused.status == 0 && paused.output.contains("ftops resume greeter lets it go on"),
            "\(paused.transcript)"
        )
        let elsewhere = try other("apply", "--auto-approve", "--wait")
        #expect(elsewhere.status == 0 && elsewhere.output.contains("ftops resume greeter"), "\(elsewhere.transcript)")
        let resume = try other("resume", "greeter")
        #expect(resume.status == 0 && resume.errors.contains("may go on"), "\(resume.transcript)")
        let waiting = try other("apply", "--auto-approve", "--wait")
        #expect(waiting.status == 0 && waiting.output.contains("resumes it"), "\(waiting.transcript)")
        try scenario.openGate()
        #expect(try scenario.ftops("apply", "--auto-approve").status == 0)
        #expect(try scenario.quickLog().map { $0.prefix { $0 != " " } } == ["started", "resumed", "completed"])
    }

    @Test("help says what pause and resume do", arguments: ["pause", "resume"])
    func helps(command: String) throws {
        let scenario = try Scenario()
        #expect(try scenario.ftops("--help").output.contains("  \(command) "))
        #expect(try scenario.ftops(command, "--help").output.contains("USAGE: ftops \(command)"))
        #expect(try scenario.ftops(command).status == 64)
    }
}

extension Scenario {
    /// A scenario whose trainer takes a step, and those behind it, once the gate is open.
    static func gated(from step: Int) throws -> Scenario {
        let scenario = try Scenario()
        scenario.environment["FTOPS_QUICK_GATE"] = scenario.folder.appending(path: "gate").path
        scenario.environment["FTOPS_QUICK_GATE_STEP"] = "\(step)"
        return scenario
    }

    /// Lets the trainer go on.
    func openGate() throws { try Data().write(to: folder.appending(path: "gate")) }

    /// The state of the one run; nothing before there is one.
    func state() throws -> String? {
        let json = try ftops("status", "--all", "--json").output
        let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
        return (object?["runs"] as? [[String: Any]])?.first?["state"] as? String
    }
}
