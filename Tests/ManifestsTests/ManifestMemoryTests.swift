//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import FtopsTestSupport
import Packing
import Resources
import Testing
import YAML

@testable import Manifests

@Suite("Remembered manifests")
struct ManifestMemoryTests {
    private static func next(_ memory: ReadingMemory) throws -> ReadingMemory {
        guard let bytes = memory.packed() else { return memory }
        return try #require(ReadingMemory(packed: bytes[...]))
    }

    @Test("mean and say what they do when they are parsed", arguments: ["good", "bad"])
    func same(folder: String) throws {
        for fixture in try MarkedFixture.all(folder) {
            let parsed = ManifestLoader.load([fixture.file])
            let memory = ReadingMemory()
            #expect(ManifestLoader.load([fixture.file], memory) == parsed, "\(fixture.testDescription)")
            let again = try Self.next(memory)
            #expect(ManifestLoader.load([fixture.file], again) == parsed, "\(fixture.testDescription)")
        }
    }

    @Test("have one memory for all, in which another path or content is told apart")
    func together() throws {
        let files = try MarkedFixture.all("good").map(\.file)
        let memory = ReadingMemory()
        _ = ManifestLoader.load(files, memory)
        let again = try Self.next(memory)
        var moved = files
        for index in moved.indices { moved[index].path = "manifests/moved/\(index).yaml" }
        #expect(ManifestLoader.load(moved, again) == ManifestLoader.load(moved))
        var edited = files
        for index in edited.indices { edited[index].bytes = Array("# comment\n".utf8) + files[index].bytes }
        #expect(ManifestLoader.load(edited, again) == ManifestLoader.load(edited))
    }

    @Test("are not parsed again")
    func parsesOnce() throws {
        let key = try #require(ParsedManifest.key(of: Array("kind: Model\n".utf8)))
        let memory = ReadingMemory()
        // What is remembered of these bytes is not what they say, so that it shows where it is used.
        let other = try YAMLReader.documents(Array("kind: Nothing\n".utf8))
        memory.keep(.manifest, key, ParsedManifest(documents: other))
        let result = ManifestLoader.load([ManifestFile(path: "a.yaml", text: "kind: Model\n")], try Self.next(memory))
        #expect(result.diagnostics.contains { $0.message == "unknown kind `Nothing`" })
    }

    @Test("are forgotten where something is wrong, so that no secret is kept that was written by mistake")
    func keepsNoSecrets() throws {
        let secret = "secret-of-mine"
        let file = ManifestFile(
            path: "project.yaml",
            text: """
                apiVersion: ftops/v1
                kind: Project
                metadata: {name: p}
                spec:
                  notify: [{webhook: \(secret), on: [failed]}]

                """
        )
        let memory = ReadingMemory()
        #expect(ManifestLoader.load([file], memory).hasErrors)
        #expect(memory.packed() == nil)
    }

    @Test("come back node by node, whatever random manifests hold", arguments: 0..<50 as Range<UInt64>)
    func nodes(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var manifest = RandomManifest(seed: seed)
        let text = manifest.text()
        let nodes = try YAMLReader.documents(Array(text.utf8))
        var packer = Packer()
        packer.value(ParsedManifest(documents: nodes))
        var unpacker = Unpacker(packer.bytes[...])
        #expect(try ParsedManifest(from: &unpacker).documents == nodes, "\(text)")
        #expect(unpacker.isAtEnd)
        for index in packer.bytes.indices {
            var damaged = packer.bytes
            damaged[index] = UInt8.random(in: 0...255, using: &random)
            var unpacker = Unpacker(damaged[...])
            _ = try? ParsedManifest(from: &unpacker)
        }
    }
}
