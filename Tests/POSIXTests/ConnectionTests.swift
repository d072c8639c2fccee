//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import POSIX
import Testing

@Suite("Connections to other processes")
struct ConnectionTests {
    let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    /// A program that listens in a folder, hands back what one client sends until it sends no more, and ends.
    private func listener(in folder: String) throws -> Process {
        let program = """
            import os, socket, sys
            os.chdir(sys.argv[1])
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind("fresh")
                listener.listen()
                os.rename("fresh", "socket")
                client = listener.accept()[0]
                while (part := client.recv(1 << 16)) != b"end":
                    client.sendall(part)
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", program, folder]
        try process.run()
        return process
    }

    @Test("are made in a folder whose path is longer than a socket's may be, and carry bytes both ways")
    func bothWays() throws {
        let folder = scratch.path(String(repeating: "long/", count: 30))
        try Folder.make(folder)
        #expect(try OpenFile.connection(to: "socket", in: folder) == nil)
        let process = try listener(in: folder)
        var found: OpenFile?
        #expect(
            try Eventually.holds {
                found = try OpenFile.connection(to: "socket", in: folder); return found != nil
            }
        )
        let connection = try #require(found)
        #expect(try connection.send(Array("hello".utf8)[...]) == 5)
        #expect(try connection.read(upTo: 100) == Array("hello".utf8))
        #expect(try connection.send(Array("end".utf8)[...]) == 3)
        #expect(try connection.read(upTo: 100) == [])
        process.waitUntilExit()
        // The name is still there, and nobody behind it.
        #expect(try FileStatus.of(folder + "/socket")?.kind == .other)
        #expect(try OpenFile.connection(to: "socket", in: folder) == nil)
        let error = #expect(throws: POSIX.POSIXError.self) { _ = try connection.send([1]) }
        #expect(error?.isBroken == true)
    }

    @Test("take no more than there is room for, and do not wait")
    func isFull() throws {
        let process = try listener(in: scratch.path)
        var found: OpenFile?
        #expect(
            try Eventually.holds {
                found = try OpenFile.connection(to: "socket", in: scratch.path); return found != nil
            }
        )
        let connection = try #require(found)
        kill(process.processIdentifier, SIGSTOP)
        let much = [UInt8](repeating: 1, count: 1 << 24)[...]
        while try connection.send(much) > 0 {}
        #expect(try connection.send(much) == 0)
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    @Test("are none to what is no socket, or where there is no folder")
    func nobody() throws {
        try scratch.write("text", to: "socket")
        #expect(try OpenFile.connection(to: "socket", in: scratch.path) == nil)
        #expect(try OpenFile.connection(to: "socket", in: scratch.path("nowhere")) == nil)
        #expect(throws: POSIX.POSIXError.self) {
            try OpenFile.connection(to: String(repeating: "x", count: 200), in: scratch.path)
        }
    }
}
