//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Runs
import Testing

@Suite("Places")
struct PlacesTests {
    private func find(
        _ environment: [String: String],
        executable: String = "/usr/local/bin/ftops",
        executables: Set<String> = [],
        folders: Set<String> = [],
        home: String? = nil
    ) throws -> Places {
        try Places.find(
            environment: environment,
            executable: executable,
            facts: Places.Facts(
                isExecutable: { executables.contains($0) },
                isFolder: { folders.contains($0) },
                isWritable: { folders.contains($0) },
                home: home
            )
        )
    }

    @Test(
        "keeps state where the first of the places says",
        arguments: [
            (["HOME": "/home/a"], [], "/home/a/.local/state/ftops"),
            (["HOME": "/home/a", "XDG_STATE_HOME": "/s"], [], "/s/ftops"),
            (["HOME": "/home/a", "XDG_STATE_HOME": "relative"], [], "/home/a/.local/state/ftops"),
            (["HOME": "/home/a", "XDG_STATE_HOME": "/s"], ["/var/lib/ftops"], "/var/lib/ftops"),
            (["HOME": "/home/a", "STATE_DIRECTORY": "/run/a:/run/b"], ["/var/lib/ftops"], "/run/a"),
            (["HOME": "/home/a", "STATE_DIRECTORY": "/run/a", "FTOPS_STATE": "/f/"], ["/var/lib/ftops"], "/f"),
        ]
    )
    func state(environment: [String: String], folders: [String], expected: String) throws {
        let places = try find(environment, folders: Set(folders))
        #expect(places.state == expected)
        #expect(places.artifacts == expected + "/artifacts")
    }

    @Test("keeps the cache in the user's cache folder")
    func cache() throws {
        #expect(try find(["HOME": "/home/a"]).cache == "/home/a/.cache/ftops")
        #expect(try find(["HOME": "/home/a", "XDG_CACHE_HOME": "/c"]).cache == "/c/ftops")
        #expect(try find([:], home: "/root").cache == "/root/.cache/ftops")
    }

    @Test("refuses a relative FTOPS_STATE, and to guess without a home")
    func refusals() {
        let relative = #expect(throws: RunsError.self) { try find(["HOME": "/h", "FTOPS_STATE": "state"]) }
        #expect(relative?.message.contains("FTOPS_STATE") == true)
        let homeless = #expect(throws: RunsError.self) { try find(["XDG_CACHE_HOME": "/c"]) }
        #expect(homeless?.message.contains("set FTOPS_STATE") == true)
    }

    @Test(
        "finds the trainer by the variable, beside the installed executable, or in the package that built it",
        arguments: [
            (["FTOPS_TRAINER": "/t"], "/usr/bin/ftops", "/t"),
            ([:], "/usr/bin/ftops", "/usr/share/ftops/trainer"),
            ([:], "/src/ftops/.build/x86_64-unknown-linux-gnu/debug/ftops", "/src/ftops/Sources/trainer"),
            ([:], "/src/ftops/.build/release/ftops", "/src/ftops/Sources/trainer"),
            ([:], "/src/ftops/out/ftops", "/src/ftops/Sources/trainer"),
        ]
    )
    func trainer(environment: [String: String], executable: String, expected: String) throws {
        let environment = environment.merging(["HOME": "/h"]) { $1 }
        let places = try find(environment, executable: executable, executables: [expected + "/launch"])
        #expect(places.trainer == expected)
        #expect(try places.launcher() == expected + "/launch")
    }

    @Test("says where it looked for a trainer that is not there")
    func noTrainer() throws {
        let places = try find(["HOME": "/h"], executable: "/usr/bin/ftops")
        let error = #expect(throws: RunsError.self) { try places.launcher() }
        #expect(error?.message.contains("/usr/share/ftops/trainer") == true)
        let set = try find(
            ["HOME": "/h", "FTOPS_TRAINER": "/t"],
            executables: ["/usr/local/share/ftops/trainer/launch"]
        )
        #expect(set.trainer == nil)
    }

    @Test("finds the places of the process that runs")
    func current() throws {
        #expect(try Places.current(environment: ["FTOPS_STATE": "/s", "HOME": "/h"]).state == "/s")
    }

    @Test("refuses to train on a CI runner into a store on its own disk", arguments: ["true", "1", "yes"])
    func continuousIntegration(value: String) {
        let refusal = RunnerRule.refusal(environment: ["CI": value], store: "/tmp/none/artifacts")
        #expect(refusal?.contains("/tmp/none/artifacts") == true)
        #expect(RunnerRule.refusal(environment: [:], store: "/tmp") == nil)
        #expect(RunnerRule.refusal(environment: ["CI": "false"], store: "/tmp") == nil)
    }
}
