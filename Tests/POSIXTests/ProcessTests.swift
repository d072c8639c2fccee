//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import FtopsTestSupport
import Glibc
import Testing

@testable import POSIX

@Suite("Processes of others")
struct ProcessTests {
    @Test("reads a program's name that holds spaces and parentheses")
    func oddNames() throws {
        let line = "77 (a) b (c) S 1 77 66 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 123456 99 88"
        let entry = try #require(ProcessEntry.parse(line, pid: 77, boot: "b"))
        #expect(entry.identity == ProcessIdentity(pid: 77, startTime: 123_456, session: 66, boot: "b"))
        #expect(!entry.hasEnded)
        #expect(ProcessEntry.parse("77 (a) Z 1", pid: 77, boot: "b") == nil)
        #expect(ProcessEntry.parse("", pid: 77, boot: "b") == nil)
    }

    @Test("tells the machine's memory, or what its control groups leave of it")
    func memory() throws {
        let scratch = try ScratchFolder()
        #expect(Machine.memory(root: scratch.path) == nil && !Machine.multipliesHalf(root: scratch.path))
        try scratch.write("MemTotal:       16384 kB\nMemFree:  9 kB\n", to: "proc/meminfo")
        #expect(Machine.memory(root: scratch.path) == 16 << 20)
        try scratch.write("max\n", to: "sys/fs/cgroup/memory.max")
        try scratch.write("9223372036854771712\n", to: "sys/fs/cgroup/memory/memory.limit_in_bytes")
        #expect(Machine.memory(root: scratch.path) == 16 << 20)
        try scratch.write("1:name=systemd:/x\n0::/user.slice/one.scope\n", to: "proc/self/cgroup")
        try scratch.write("8388608\n", to: "sys/fs/cgroup/user.slice/memory.max")
        #expect(Machine.memory(root: scratch.path) == 8 << 20)
        try scratch.write("4194304\n", to: "sys/fs/cgroup/user.slice/one.scope/memory.max")
        #expect(Machine.memory(root: scratch.path) == 4 << 20)
        try scratch.write("processor : 0\nflags\t\t: fpu amx_bf16 avx2\n", to: "proc/cpuinfo")
        #expect(Machine.multipliesHalf(root: scratch.path))
        #expect(try #require(Machine.memory()) > 1 << 28)
    }

    @Test("is another process when only its start differs")
    func identity() throws {
        let current = try #require(ProcessIdentity.current)
        #expect(current.isAlive)
        let other = ProcessIdentity(
            pid: current.pid,
            startTime: current.startTime + 1,
            session: current.session,
            boot: current.boot
        )
        #expect(!other.isAlive)
    }

    @Test("ends a session, and those in it that do not listen")
    func endsStubborn() throws {
        let scratch = try ScratchFolder()
        let path = scratch.path("trainer.lock")
        let lock = try #require(try FileLock.tryAcquire(path))
        let script = "trap '' TERM; sleep 600 & echo ready > \(scratch.path("ready")); while :; do sleep 1; done"
        var options = SpawnOptions(executable: "/bin/sh", arguments: ["-c", script])
        options.newSession = true
        options.inherited = [lock.file]
        let child = try ChildProcess.spawn(options)
        #expect(Eventually.holds(watching: [scratch.path]) { scratch.read("ready") != nil })
        let leader = child.identity
        ProcessGroup.end(grace: .milliseconds(100)) { ProcessGroup.members(of: leader, holding: path) }
        #expect(try child.wait() == .signaled(9))
        #expect(ProcessEntry.holding(path).map(\.identity) == [ProcessIdentity.current])
    }

    @Test("counts Ctrl-C and SIGTERM instead of dying of them")
    func signals() async {
        await #expect(processExitsWith: .exitCode(12)) {
            SignalFlags.install()
            let watch = ChangeWatch(folders: [])
            // To the process, not to this thread: the threads of a test block signals. Each is awaited, as a signal that
            // is pending already is not counted twice.
            for (number, total) in [(SIGINT, 1), (SIGTERM, 2), (SIGINT, 3)] {
                kill(getpid(), number)
                while SignalFlags.interruptions + SignalFlags.terminationRequests < total {
                    watch.wait(timeout: .seconds(60))
                }
            }
            exit(Int32(SignalFlags.interruptions * 5 + SignalFlags.terminationRequests * 2))
        }
    }
}
