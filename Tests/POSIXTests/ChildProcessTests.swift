//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import FtopsTestSupport
import POSIX
import Testing

@Suite("Child processes")
struct ChildProcessTests {
    let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    @Test(
        "tells an exit from a signal",
        arguments: [("exit 0", ProcessEnd.exited(0)), ("exit 75", .exited(75)), ("kill -9 $$", .signaled(9))]
    )
    func status(script: String, expected: ProcessEnd) throws {
        #expect(try shell(script).wait() == expected)
    }

    @Test("writes to the file that it was given, in the folder and with the environment that it was given")
    func surroundings() throws {
        var options = SpawnOptions(
            executable: "/bin/sh",
            arguments: ["-c", "pwd; echo \"$GREETING\"; echo oops >&2; cat"],
            environment: ["GREETING": "hello there"],
            folder: scratch.path
        )
        let file = try OpenFile(scratch.path("out"), .append)
        options.output = .file(file)
        options.error = .file(file)
        #expect(try ChildProcess.spawn(options).wait() == .exited(0))
        #expect(scratch.lines("out") == [scratch.path, "hello there", "oops"])
    }

    @Test("gets no descriptor that it was not handed")
    func descriptors() throws {
        let kept = try OpenFile(scratch.path("kept"), .append)
        let secret = try OpenFile(scratch.path("secret"), .append)
        var options = SpawnOptions(executable: "/bin/sh", arguments: ["-c", "ls -l /proc/$$/fd"])
        options.output = .file(try OpenFile(scratch.path("out"), .append))
        options.inherited = [kept]
        #expect(try ChildProcess.spawn(options).wait() == .exited(0))
        let text = try #require(scratch.read("out"))
        #expect(text.contains("20 -> \(scratch.path("kept"))"))
        #expect(!text.contains("secret"))
        withExtendedLifetime(secret) {}
    }

    @Test("leads a session of its own when asked to")
    func session() throws {
        var options = SpawnOptions(executable: "sleep", arguments: ["600"])
        options.newSession = true
        let child = try ChildProcess.spawn(options)
        let identity = try #require(child.identity)
        #expect(identity.session == child.pid)
        #expect(identity.isAlive)
        #expect(try child.poll() == nil)
        child.signalGroup(ProcessGroup.Signal.terminate)
        #expect(try child.wait() == .signaled(15))
        #expect(!identity.isAlive)
    }

    @Test("names the program that is not there")
    func missing() throws {
        let error = #expect(throws: POSIXError.self) {
            try ChildProcess.spawn(SpawnOptions(executable: "/nowhere/launch"))
        }
        #expect(error?.path == "/nowhere/launch")
        #expect(error?.isMissing == true)
    }

    @Test("wakes a watch when it ends")
    func wakes() throws {
        let child = try shell("exit 3")
        let watch = ChangeWatch(folders: [])
        while try child.poll() == nil { watch.wait(timeout: .seconds(60), child: child) }
        #expect(try child.poll() == .exited(3))
        #expect(child.peakMemory ?? 0 > 0)
    }

    @Test("hands a pipe's text through")
    func pipes() throws {
        let ends = try OpenFile.pipe()
        var options = SpawnOptions(executable: "cat")
        options.input = .file(ends.reading)
        options.output = .file(try OpenFile(scratch.path("out"), .append))
        let child = try ChildProcess.spawn(options)
        try ends.writing.write(Array("through".utf8))
        ends.writing.close()
        #expect(try child.wait() == .exited(0))
        #expect(scratch.read("out") == "through")
    }

    private func shell(_ script: String) throws -> ChildProcess {
        try ChildProcess.spawn(SpawnOptions(executable: "/bin/sh", arguments: ["-c", script]))
    }
}
