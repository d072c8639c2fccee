//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import FtopsTestSupport
import POSIX
import Testing

@Suite("Locks on files")
struct FileLockTests {
    let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    @Test("is taken once, and is free again when its holder lets go")
    func exclusion() throws {
        let path = scratch.path("run.lock")
        var first = try FileLock.tryAcquire(path)
        #expect(first != nil)
        #expect(try FileLock.tryAcquire(path) == nil)
        first = nil
        #expect(try isFree(path))
    }

    @Test("is not a child's unless the child is handed the file")
    func closeOnExec() throws {
        let path = scratch.path("run.lock")
        var lock = try FileLock.tryAcquire(path)
        #expect(lock != nil)
        let child = try sleeper()
        lock = nil
        #expect(try isFree(path))
        child.signal(ProcessGroup.Signal.kill)
        #expect(try child.wait() == .signaled(9))
    }

    @Test("lives on in a child that was handed the file, after its first holder let go")
    func inheritance() throws {
        let path = scratch.path("trainer.lock")
        var lock = try FileLock.tryAcquire(path)
        let child = try sleeper(inheriting: [lock?.file].compactMap { $0 })
        lock = nil
        #expect(try FileLock.tryAcquire(path) == nil)
        child.signal(ProcessGroup.Signal.kill)
        _ = try child.wait()
        #expect(try isFree(path))
    }

    @Test("names the processes that hold a file")
    func holders() throws {
        let path = scratch.path("trainer.lock")
        let lock = try #require(try FileLock.tryAcquire(path))
        let child = try sleeper(inheriting: [lock.file])
        let pids = ProcessEntry.holding(path).map(\.identity.pid)
        #expect(pids.contains(child.pid))
        #expect(ProcessGroup.members(of: nil, holding: path).map(\.pid) == [child.pid])
        child.signal(ProcessGroup.Signal.kill)
        _ = try child.wait()
        #expect(ProcessGroup.members(of: nil, holding: path).isEmpty)
        withExtendedLifetime(lock) {}
    }

    @Test("waits until it is free, and gives up when told to")
    func waiting() throws {
        struct Enough: Error {}
        let path = scratch.path("device.lock")
        var held = try FileLock.tryAcquire(path)
        #expect(throws: Enough.self) { try FileLock.acquire(path) { _ in throw Enough() } }
        var calls = 0
        let lock = try FileLock.acquire(path) { _ in
            calls += 1
            held = nil
        }
        #expect(calls == 1)
        #expect(held == nil)
        #expect(lock.path == path)
    }

    @Test("is taken anew where somebody removed its file")
    func removedFile() throws {
        let path = scratch.path("run.lock")
        let old = try FileLock.tryAcquire(path)
        try Folder.remove(path)
        #expect(try FileLock.tryAcquire(path) != nil)
        withExtendedLifetime(old) {}
    }

    @Test("follows no symbolic link")
    func link() throws {
        let other = try scratch.write("precious", to: "other")
        let made = try ChildProcess.spawn(
            SpawnOptions(executable: "ln", arguments: ["-s", other, scratch.path("x.lock")])
        )
        #expect(try made.wait() == .exited(0))
        #expect(throws: POSIXError.self) { try FileLock.tryAcquire(scratch.path("x.lock")) }
    }

    /// Tests of other threads start children meanwhile, each of which has all that this process has until its program
    /// begins.
    private func isFree(_ path: String) throws -> Bool {
        try Eventually.holds { try FileLock.tryAcquire(path) != nil }
    }

    private func sleeper(inheriting files: [OpenFile] = []) throws -> ChildProcess {
        var options = SpawnOptions(executable: "sleep", arguments: ["600"])
        options.inherited = files
        options.newSession = true
        return try ChildProcess.spawn(options)
    }
}
