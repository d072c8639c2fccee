//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import FtopsTestSupport
import Git
import Packing
import Synchronization
import Testing

@testable import Ledger

@Suite("folder memory")
struct FolderMemoryTests {
    private struct Text: Packable, Hashable, Sendable {
        var text: String

        init(_ text: String) { self.text = text }

        init(from unpacker: inout Unpacker) throws(PackingError) { text = try unpacker.text() }

        func pack(to packer: inout Packer) { packer.text(text) }
    }

    /// A repository whose files are read into texts, and the paths of those that were.
    private final class Reader {
        let sandbox: GitSandbox
        let repository: GitRepository
        var read: [String] = []

        init() throws {
            sandbox = try GitSandbox()
            repository = try GitRepository(
                path: sandbox.repository(files: [
                    "top/a/1.yaml": "a1", "top/a/2.yaml": "a2", "top/b/1.yaml": "b1", "top/b/note.md": "x",
                    "top/c.yaml": "c",
                ])
            )
        }

        func commit(_ change: () throws -> Void) throws {
            try change()
            try sandbox.git("add", "-A", in: sandbox.path("work"))
            try sandbox.git("commit", "-q", "--allow-empty", "-m", "change", in: sandbox.path("work"))
        }

        func texts(_ memory: FolderMemory<Text>) throws -> [String] {
            read = []
            let reading = FolderReading<Text>(
                repository: repository,
                isWanted: { $0.path.hasSuffix(".yaml") && $0.kind == .file },
                read: { file in
                    self.read.append(file.path)
                    return Text("\(file.path)=" + String(decoding: try self.repository.blob(file.id), as: UTF8.self))
                }
            )
            let folder = try memory.folder(at: "top", of: try repository.resolve("HEAD"), reading)
            var texts: [String] = []
            folder?.forEach { texts.append($0.text) }
            #expect(texts.count == folder?.count ?? 0)
            return texts
        }
    }

    private static func next(_ memory: ReadingMemory) throws -> ReadingMemory {
        let bytes = try #require(memory.packed())
        return try #require(ReadingMemory(packed: bytes[...]))
    }

    @Test("reads what is wanted in the order of paths, and once")
    func readsOnce() throws {
        let reader = try Reader()
        let memory = FolderMemory<Text>(.versions, nil)
        let all = ["top/a/1.yaml=a1", "top/a/2.yaml=a2", "top/b/1.yaml=b1", "top/c.yaml=c"]
        #expect(try reader.texts(memory) == all)
        #expect(reader.read == ["top/a/1.yaml", "top/a/2.yaml", "top/b/1.yaml", "top/c.yaml"])
        #expect(try reader.texts(memory) == all)
        #expect(reader.read == [])
    }

    @Test("reads nothing again in the next process, and of another commit what differs")
    func readsWhatDiffers() throws {
        let reader = try Reader()
        let first = ReadingMemory()
        _ = try reader.texts(FolderMemory(.versions, first))
        let second = try Self.next(first)
        #expect(try reader.texts(FolderMemory(.versions, second)).count == 4)
        #expect(reader.read == [])
        #expect(second.packed() == nil)
        try reader.commit {
            try reader.sandbox.write("new", to: "work/top/a/2.yaml")
            try reader.sandbox.write("d", to: "work/top/d/1.yaml")
            try reader.sandbox.git("rm", "-q", "top/b/1.yaml", in: reader.sandbox.path("work"))
        }
        let found = try reader.texts(FolderMemory(.versions, second))
        #expect(found == ["top/a/1.yaml=a1", "top/a/2.yaml=new", "top/c.yaml=c", "top/d/1.yaml=d"])
        #expect(reader.read == ["top/a/2.yaml", "top/d/1.yaml"])
        let third = try Self.next(second)
        #expect(try reader.texts(FolderMemory(.versions, third)) == found)
        #expect(reader.read == [])
    }

    @Test("reads again what has the same content at another path, as a path may be part of what it says")
    func readsMoved() throws {
        let reader = try Reader()
        let memory = FolderMemory<Text>(.versions, nil)
        _ = try reader.texts(memory)
        try reader.commit { try reader.sandbox.git("mv", "top/a", "top/z", in: reader.sandbox.path("work")) }
        #expect(try reader.texts(memory).suffix(2) == ["top/z/1.yaml=a1", "top/z/2.yaml=a2"])
    }

    @Test("leaves out what became a link, or the folder itself")
    func leavesOutLinks() throws {
        let reader = try Reader()
        let memory = FolderMemory<Text>(.versions, nil)
        _ = try reader.texts(memory)
        try reader.commit {
            try reader.sandbox.git("rm", "-q", "top/c.yaml", in: reader.sandbox.path("work"))
            try reader.sandbox.git("mv", "top/a/1.yaml", "top/kept", in: reader.sandbox.path("work"))
            try reader.sandbox.write("top/a/1.yaml", to: "work/link")
            try reader.sandbox.git("rm", "-q", "--cached", "top/a/2.yaml", in: reader.sandbox.path("work"))
        }
        try reader.commit {
            let blob = try reader.sandbox.git("rev-parse", "HEAD:top/kept", in: reader.sandbox.path("work"))
            let entry = "120000,\(blob),top/a/1.yaml"
            try reader.sandbox.git("rm", "-q", "-r", "--cached", "top/a", in: reader.sandbox.path("work"))
            try reader.sandbox.git("update-index", "--add", "--cacheinfo", entry, in: reader.sandbox.path("work"))
        }
        #expect(try reader.texts(memory).contains("top/b/1.yaml=b1"))
        try reader.commit { try reader.sandbox.git("rm", "-q", "-r", "-f", "top", in: reader.sandbox.path("work")) }
        #expect(try reader.texts(memory) == [])
    }
}
