//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Packing
import Testing

@testable import Reconciler

@Suite("RepositoryMemory")
struct RepositoryMemoryTests {
    private struct Note: Packable, Sendable {
        var text: String

        init(_ text: String) { self.text = text }

        init(from unpacker: inout Unpacker) throws(PackingError) { text = try unpacker.text() }

        func pack(to packer: inout Packer) { packer.text(text) }
    }

    private static let key = ReadingMemory.Key(1, 2, 3)
    let sandbox: GitSandbox

    init() throws { sandbox = try GitSandbox() }

    private func memory(_ repository: String = "/work") -> RepositoryMemory {
        RepositoryMemory(folder: sandbox.path("cache/parsed"), repository: repository)
    }

    private func recalled(_ repository: String = "/work") -> String? {
        let note: Note? = memory(repository).reading.recall(.runs, Self.key)
        return note?.text
    }

    private func keep(_ text: String, _ repository: String = "/work") {
        let memory = memory(repository)
        memory.reading.keep(.runs, Self.key, Note(text))
        memory.keep()
    }

    private var files: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: sandbox.path("cache/parsed")) }
    }

    @Test("keeps for each repository what was read of it")
    func keeps() throws {
        #expect(recalled() == nil)
        keep("one")
        keep("two", "/other")
        #expect(recalled() == "one")
        #expect(recalled("/other") == "two")
        #expect(try files.count == 2)
    }

    @Test(
        "passes over a file that is damaged or foreign, and writes it anew",
        arguments: [
            "empty", "cut", "flipped", "text", "zeros", "long",
        ]
    )
    func passesOver(damage: String) throws {
        keep("one")
        let name = try #require(try files.first)
        let path = sandbox.path("cache/parsed/\(name)")
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        switch damage {
        case "empty": bytes = []
        case "cut": bytes.removeLast()
        case "flipped": bytes[bytes.count / 2] ^= 1
        case "text": bytes = Array("apiVersion: ftops/v1\n".utf8)
        case "zeros": bytes = Array(repeating: 0, count: bytes.count)
        default: bytes.append(0)
        }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        #expect(recalled() == nil)
        keep("again")
        #expect(recalled() == "again")
    }

    @Test("keeps nothing, and says nothing, where the cache cannot be written")
    func survivesRefusal() throws {
        try sandbox.write("no folder", to: "cache/parsed")
        keep("one")
        #expect(recalled() == nil)
        #expect(sandbox.read("cache/parsed") == "no folder")
    }

    @Test("keeps the files of the last repositories only")
    func evicts() throws {
        for number in 0..<70 { keep("text", "/\(number)") }
        #expect(try files.count <= 64)
        #expect(recalled("/69") == "text")
    }
}
