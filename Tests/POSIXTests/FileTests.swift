//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import FtopsTestSupport
import Testing

@testable import POSIX

@Suite("Files and folders")
struct FileTests {
    let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    @Test("replaces a file whole and leaves nothing beside it")
    func durable() throws {
        let path = scratch.path("done")
        try DurableFile.write("first", to: path)
        try DurableFile.write("second", to: path, permissions: 0o600)
        #expect(scratch.read("done") == "second")
        #expect(try FileStatus.of(path)?.permissions == 0o600)
        #expect(try Folder.names(in: scratch.path) == ["done"])
    }

    @Test("leaves nothing of a file that was never finished")
    func unfinished() throws {
        do {
            let pending = try PendingFile(for: scratch.path("x"))
            try pending.file.write([1, 2, 3])
            #expect(try Folder.names(in: scratch.path).count == 1)
        }
        #expect(try Folder.names(in: scratch.path).isEmpty)
    }

    @Test("says which file cannot be written")
    func unwritable() throws {
        let error = #expect(throws: POSIXError.self) { try DurableFile.write("x", to: scratch.path("no/such/file")) }
        #expect(error?.isMissing == true)
        #expect(error?.description == "cannot write \(scratch.path("no/such/file")): no such file or directory")
    }

    @Test("appends lines, reads with a limit, reads the end")
    func reading() throws {
        let path = scratch.path("log")
        for line in ["one", "two", "three"] { try DurableFile.appendLine(line, to: path) }
        #expect(scratch.lines("log") == ["one", "two", "three"])
        #expect(throws: POSIXError.self) { try FileContents.read(path, limit: 13) }
        #expect(try FileContents.read(path, limit: 14).count == 14)
        #expect(String(decoding: try FileContents.tail(path, limit: 6), as: UTF8.self) == "three\n")
        #expect(try FileContents.readIfPresent(scratch.path("none")) == nil)
        #expect(try FileContents.tail(scratch.path("none"), limit: 6).isEmpty)
    }

    @Test("makes folders with their parents, lists and removes trees")
    func folders() throws {
        try Folder.make(scratch.path("a/b/c"))
        try Folder.make(scratch.path("a/b/c"))
        #expect(try FileStatus.of(scratch.path("a/b"))?.permissions == 0o700)
        for name in ["a/b/z", "a/b/é", "a/Z", "a/b/c/x"] { try scratch.write(name, to: name) }
        #expect(try Folder.files(below: scratch.path("a")) == ["Z", "b/c/x", "b/z", "b/é"])
        try Folder.remove(scratch.path("a"))
        try Folder.remove(scratch.path("a"))
        #expect(try Folder.names(in: scratch.path).isEmpty)
        #expect(throws: POSIXError.self) { try Folder.make("/proc/ftops/x") }
    }

    @Test(
        "takes paths apart",
        arguments: [("/a/b", "/a", "b"), ("/a", "/", "a"), ("a", ".", "a"), ("/a/b/", "/a", "b")]
    )
    func paths(path: String, parent: String, name: String) {
        #expect(Folder.parent(of: path) == parent)
        #expect(Folder.name(of: path) == name)
    }

    @Test("tells a local file system from one on the network")
    func fileSystems() throws {
        #expect(try FileSystemKind.network(scratch.path) == nil)
        #expect(throws: POSIXError.self) { try FileSystemKind.network(scratch.path("none")) }
        let table = """
            22 1 8:1 / / rw - ext4 /dev/sda1 rw
            40 22 0:30 / /mnt/my\\040disk rw shared:1 - fuse.sshfs host: rw
            41 22 0:31 / /mnt rw - fuseblk /dev/sdb rw
            """
        #expect(FileSystemKind.kind(of: "/home/x", in: table) == "ext4")
        #expect(FileSystemKind.kind(of: "/mnt/my disk/x", in: table) == "fuse.sshfs")
        #expect(FileSystemKind.kind(of: "/mnt/other", in: table) == "fuseblk")
        #expect(FileSystemKind.kind(of: "/mntx", in: table) == "ext4")
    }

    @Test("knows the machine and itself")
    func machine() {
        #expect(!Machine.name.isEmpty)
        #expect(!Machine.id.isEmpty)
        #expect(Machine.processors >= 1)
        #expect(FileStatus.isExecutable(ProcessEnvironment.executable))
        #expect(ProcessEnvironment.variables["PATH"] != nil)
        #expect(RandomBytes.hex(16).count == 32)
        #expect(RandomBytes.hex(16) != RandomBytes.hex(16))
        #expect(WallClock.seconds > 1_700_000_000)
        #expect(MonotonicClock.now <= MonotonicClock.now)
    }
}
