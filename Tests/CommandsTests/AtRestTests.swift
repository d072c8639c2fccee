//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@Suite("A plan of a repository at rest")
struct AtRestTests {
    private static func trained() throws -> Scenario {
        let scenario = try Scenario.trained()
        // Files that were written just now look as if they had been left alone.
        scenario.environment["FTOPS_CLOCK_OFFSET"] = "60"
        return scenario
    }

    @Test(
        "says what a whole plan says, in any of its forms, and reads nothing that was parsed before",
        arguments: [["plan"], ["plan", "--detailed-exitcode"], ["plan", "-C", "datasets"], ["plan", "--no-count"]]
    )
    func rests(_ arguments: [String]) throws {
        let scenario = try Self.trained()
        let whole = try scenario.start(Scenario.executable.path, arguments + ["--no-cache"]).wait()
        #expect(whole.status == 0 && whole.output.hasSuffix("Nothing to do: the fine-tune is up-to-date.\n"))
        #expect(!FileManager.default.fileExists(atPath: scenario.notes.path))
        #expect(try !scenario.isRemembered(arguments))
        for _ in 0..<2 {
            #expect(try scenario.isRemembered(arguments))
            let plan = try scenario.start(Scenario.executable.path, arguments).wait()
            #expect(plan.transcript == whole.transcript)
        }
    }

    @Test(
        "is not what is asked for: such a plan is a whole one",
        arguments: [
            ["plan", "--json"], ["plan", "--format", "markdown"], ["plan", "--ref", "HEAD"], ["plan", "--refresh"],
            ["plan", "--target", "greeter"], ["plan", "--base", "HEAD"], ["plan", "--out", "plan.json"],
        ]
    )
    func others(_ arguments: [String]) throws {
        let scenario = try Self.trained()
        _ = try scenario.start(Scenario.executable.path, arguments).wait()
        #expect(try !scenario.isRemembered())
        #expect(try scenario.isRemembered())
        #expect(try !scenario.isRemembered(arguments))
    }

    @Test("is no secret of one shell: what it says of itself changes nothing, and all else does")
    func surroundings() throws {
        let scenario = try Self.trained()
        _ = try scenario.ftops("plan")
        let passing = ["COLUMNS": "77", "TERM": "dumb", "SHLVL": "9", "INVOCATION_ID": "a", "PWD": "/"]
        #expect(try scenario.isRemembered(environment: passing))
        #expect(try !scenario.isRemembered(environment: ["EDITOR": "ed"]))
        #expect(try scenario.isRemembered(environment: ["EDITOR": "ed"]))
        #expect(try scenario.isRemembered())
        let limit = ["FTOPS_DOWNLOAD_LIMIT": "none"]
        let whole = try scenario.ftops("plan", "--no-cache", environment: limit)
        #expect(whole.status == 1 && whole.errors.contains("FTOPS_DOWNLOAD_LIMIT"), "\(whole.transcript)")
        #expect(try scenario.ftops("plan", environment: limit).transcript == whole.transcript)
    }

    @Test("is each program's own")
    func programs() throws {
        let scenario = try Self.trained()
        _ = try scenario.ftops("plan")
        let other = scenario.folder.appending(path: "bin/ftops")
        try FileManager.default.createDirectory(
            at: other.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try FileManager.default.copyItem(at: Scenario.executable, to: other)
        #expect(try !scenario.isRemembered(by: other))
        #expect(try scenario.isRemembered(by: other))
        #expect(try scenario.isRemembered())
    }

    @Test(
        "is planned as a whole where the note of it is damaged, and remembered again",
        arguments: ["cut", "flipped", "empty", "another"]
    )
    func damaged(_ damage: String) throws {
        let scenario = try Self.trained()
        let whole = try scenario.ftops("plan")
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: scenario.notes.path).first)
        let note = scenario.notes.appending(path: name)
        var bytes = try Data(contentsOf: note)
        switch damage {
        case "cut": bytes = bytes.prefix(bytes.count / 2)
        case "flipped": bytes[bytes.count / 2] ^= 1
        case "empty": bytes = Data()
        default: bytes = Data("{\"fine_tunes\": 7}".utf8)
        }
        try bytes.write(to: note)
        #expect(try !scenario.isRemembered())
        #expect(try scenario.isRemembered())
        #expect(try scenario.ftops("plan").transcript == whole.transcript)
    }

    @Test("is not remembered while a file may have changed without a trace")
    func unsettled() throws {
        let scenario = try Self.trained()
        scenario.environment["FTOPS_CLOCK_OFFSET"] = "-3600"
        for _ in 0..<2 { #expect(try !scenario.isRemembered()) }
    }

    @Test("is not remembered where it is none")
    func restless() throws {
        let scenario = try Self.trained()
        try scenario.write(try scenario.read("manifests/greeter.yaml") + "# more\n", at: "manifests/greeter.yaml")
        let whole = try scenario.ftops("plan", "--no-cache")
        #expect(whole.output.contains("not committed"), "\(whole.transcript)")
        for _ in 0..<2 {
            #expect(try !scenario.isRemembered())
            #expect(try scenario.ftops("plan").transcript == whole.transcript)
        }
    }
}

extension Scenario {
    /// Where such plans are remembered.
    fileprivate var notes: URL { folder.appending(path: "cache/ftops/at-rest") }

    /// Whether a plan is made by what is remembered of the one before: a whole one keeps what it parsed.
    fileprivate func isRemembered(
        _ arguments: [String] = ["plan"],
        by executable: URL = Scenario.executable,
        environment: [String: String] = [:]
    ) throws -> Bool {
        let parsed = folder.appending(path: "cache/ftops/parsed")
        try? FileManager.default.removeItem(at: parsed)
        let plan = try start(executable.path, arguments, environment: environment).wait()
        #expect(plan.status == 0, "\(plan.transcript)")
        return !FileManager.default.fileExists(atPath: parsed.path)
    }
}
