//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("What reaches a terminal")
struct TerminalTests {
    private func scenario(_ manifest: String = Scenario.manifest()) throws -> Scenario {
        let scenario = try Scenario()
        try scenario.writeManifests()
        try scenario.write(manifest, at: "manifests/greeter.yaml")
        try scenario.commit("Describe the greeter")
        scenario.environment["NO_COLOR"] = ""
        scenario.environment["TERM"] = "xterm"
        return scenario
    }

    @Test("apply asks on a terminal, and only yes is a yes", arguments: ["no", "YES", "y", ""])
    func asks(answer: String) throws {
        let scenario = try scenario()
        let apply = try scenario.terminal("apply", answer: answer)
        #expect(apply.status == 1, "\(apply.transcript)")
        #expect(apply.output.contains("+ create") && apply.output.contains("nothing was done"), "\(apply.transcript)")
        #expect(try scenario.quickLog().isEmpty)
    }

    @Test("a yes trains under a bar that fits the terminal", arguments: [80, 40])
    func drawsBar(columns: Int) throws {
        let scenario = try scenario()
        let apply = try scenario.terminal("apply", columns: columns, answer: "yes")
        #expect(apply.status == 0, "\(apply.transcript)")
        #expect(apply.output.contains("\u{1B}[K"), "\(apply.transcript)")
        let plain = apply.output.replacing(#/\u{1B}\[[0-9]*[mK]/#, with: "")
        for line in plain.components(separatedBy: .newlines).flatMap({ $0.components(separatedBy: "\r") })
        where !line.contains("Only 'yes' will be accepted") {
            #expect(line.count <= columns, "\(line)")
        }
        #expect(try scenario.completedTrainings() == 1)
    }

    @Test("apply shows the plan before it asks, whatever form its result has")
    func showsPlanBesideJSON() throws {
        let scenario = try scenario()
        let apply = try scenario.terminal("apply --json 2>&1 >result.json", answer: "yes")
        #expect(apply.status == 0 && apply.output.contains("+ create"), "\(apply.transcript)")
        let result = try JSONSerialization.jsonObject(with: Data(try scenario.read("result.json").utf8))
        #expect(result is [String: Any])
    }

    @Test(
        "a terminal that only prints gets no escape sequence",
        arguments: [["TERM": "dumb"], ["NO_COLOR": "1", "TERM": "dumb"]]
    )
    func printsOnly(environment: [String: String]) throws {
        let scenario = try scenario()
        scenario.environment.merge(environment) { $1 }
        let apply = try scenario.terminal("apply", answer: "yes")
        #expect(apply.status == 0 && apply.output.contains("greeter: getting ready"), "\(apply.transcript)")
        #expect(!apply.output.contains("\u{1B}"), "\(apply.transcript)")
    }

    @Test("colours follow the terminal and the variables that ask for them or forbid them")
    func colors() throws {
        let scenario = try scenario()
        #expect(try scenario.terminal("plan").output.contains("\u{1B}[32m"))
        #expect(try !scenario.terminal("plan --no-color").output.contains("\u{1B}"))
        #expect(try !scenario.ftops("plan").output.contains("\u{1B}"))
        #expect(try scenario.ftops("plan", environment: ["FORCE_COLOR": "1"]).output.contains("\u{1B}[32m"))
        let both = ["FORCE_COLOR": "1", "FTOPS_NO_COLOR": "1"]
        #expect(try !scenario.ftops("plan", environment: both).output.contains("\u{1B}"))
    }

    @Test("nothing that a file or an argument is called steers the terminal")
    func hostileNames() throws {
        let scenario = try scenario()
        let name = "a\u{1B}[2J\u{202E}\u{9B}31m"
        try scenario.write("", at: "datasets/\(name).jsonl")
        for arguments in [["plan"], ["apply", "--auto-approve"], ["plan", "--target", name], ["cancel", name]] {
            let ended = try scenario.start(Scenario.executable.path, arguments).wait()
            let printed = (ended.output + ended.errors).unicodeScalars
            #expect(printed.allSatisfy { $0 == "\n" || $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) })
            #expect(!printed.contains("\u{202E}"), "\(ended.transcript)")
        }
    }

    @Test("a log passes into a pipe byte for byte, and onto a terminal without what steers it")
    func logs() throws {
        let scenario = try scenario()
        let failing = ["FTOPS_QUICK_FAIL": "data:row \u{1B}[31m\u{202E}ü"]
        #expect(try scenario.ftops("apply", "--auto-approve", environment: failing).status == 1)
        #expect(try scenario.ftops("logs", "greeter").output == "failed (data): row \u{1B}[31m\u{202E}ü\n")
        #expect(try scenario.terminal("logs greeter").output == "failed (data): row \u{FFFD}[31m\u{FFFD}ü\r\n")
    }

    @Test("streams that are closed or full do no harm")
    func brokenStreams() throws {
        let scenario = try scenario()
        let closed = try scenario.shell("ftops apply --auto-approve <&- >&- 2>&-")
        #expect(closed.status == 0, "\(closed.transcript)")
        #expect(try scenario.completedTrainings() == 1)
        try scenario.git("fsck", "--strict")
        #expect(try scenario.git("status", "--porcelain") == "")
        let full = try scenario.shell("ftops plan >/dev/full")
        #expect(full.status == 1 && full.errors.contains("standard output"), "\(full.transcript)")
    }
}

extension Scenario {
    /// Runs ftops on a terminal of so many columns, with an answer typed ahead; both streams come as its output.
    func terminal(_ arguments: String, columns: Int = 80, answer: String? = nil) throws -> Finished {
        let typed = answer.map { "printf '%s\\n' '\($0)'" } ?? "true"
        let line = "stty -echo cols \(columns) rows 24; '\(Scenario.executable.path)' \(arguments)"
        return try shell("\(typed) | script --quiet --return --command \"\(line)\" /dev/null")
    }

    /// Runs a line of the shell, for which `ftops` is the built one.
    func shell(_ line: String) throws -> Finished {
        try start("/bin/sh", ["-c", "ftops() { '\(Scenario.executable.path)' \"$@\"; }; \(line)"]).wait()
    }
}
