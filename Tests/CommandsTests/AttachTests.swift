//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("Attaching to a run")
struct AttachTests {
    private func scenario() throws -> Scenario {
        let scenario = try Scenario.gated(from: 4)
        try scenario.writeManifests()
        try scenario.commit("Describe the greeter")
        return scenario
    }

    @Test("follows a run to its end, and prints its loss as a curve")
    func follows() throws {
        let scenario = try scenario()
        let apply = try scenario.startFtops("apply", "--auto-approve")
        #expect(try scenario.waits { try scenario.ftops("status").output.contains("step 3/6") })
        let attach = try scenario.startFtops("attach", "greeter")
        #expect(scenario.waits { attach.errors.contains("step 3 of 6") })
        try scenario.openGate()
        let ended = attach.wait()
        #expect(ended.status == 0 && ended.output.contains("greeter: "), "\(ended.transcript)")
        let lines = ended.output.split(separator: "\n")
        #expect(lines.contains { $0.hasPrefix("3.0") && $0.contains("│") }, "\(ended.transcript)")
        #expect(lines.contains { $0.hasSuffix(" 6") } && !ended.output.contains("\u{1B}"), "\(ended.transcript)")
        #expect(apply.wait().status == 0)
        #expect(try scenario.ftops("attach", "greeter").output.contains("│"), "one that has ended is shown too")
    }

    @Test("draws over itself on a terminal, and Ctrl-C leaves the run alone")
    func terminal() throws {
        let scenario = try scenario()
        scenario.environment["TERM"] = "xterm"
        let apply = try scenario.startFtops("apply", "--auto-approve")
        #expect(try scenario.waits { try scenario.ftops("status").output.contains("step 3/6") })
        let attach = try scenario.startFtops("attach", "greeter", typing: [("3/6", "\u{3}")]).wait()
        #expect(attach.status == 130 && attach.output.contains("\u{1B}[K"), "\(attach.transcript)")
        #expect(apply.isRunning)
        try scenario.openGate()
        #expect(apply.wait().status == 0)
        #expect(try scenario.completedTrainings() == 1)
    }

    @Test("shows what the model answers as it changes, without what would steer a terminal")
    func answers() throws {
        let scenario = try scenario()
        scenario.environment["FTOPS_QUICK_SAMPLES"] = "1"
        let apply = try scenario.startFtops("apply", "--auto-approve")
        #expect(try scenario.waits { try scenario.ftops("status").output.contains("step 3/6") })
        let attach = try scenario.startFtops("attach", "greeter")
        #expect(scenario.waits { attach.errors.contains("answer after step 3: ") }, "\(attach.errors)")
        try scenario.openGate()
        let ended = attach.wait()
        #expect(ended.status == 0 && apply.wait().status == 0, "\(ended.transcript)")
        let told = "long \u{FFFD}]0;x\u{FFFD}? -> Greet Ann delta\u{FFFD}[2J and more\n"
        #expect(ended.errors.contains(told), "\(ended.errors)")
        let lines = ended.output.split(separator: "\n")
        #expect(lines.suffix(3).first == "answers after step 6", "\(ended.output)")
        #expect(lines.suffix(2).first?.hasPrefix("  > \u{2026}") == true)
        #expect(lines.last == "    Greet Ann grove\u{FFFD}[2J and more")
        #expect(!ended.transcript.contains("\u{1B}"))
    }

    @Test("says where a run is that is not here, and that there is none")
    func missing() throws {
        let scenario = try scenario()
        let attach = try scenario.ftops("attach", "greeter")
        #expect(attach.status == 1 && attach.errors.contains("no run"), "\(attach.transcript)")
    }
}
