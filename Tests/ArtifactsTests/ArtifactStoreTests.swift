//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Artifacts
import Digest
import FtopsTestSupport
import POSIX
import Resources
import Testing

@Suite("Store of artifacts")
struct ArtifactStoreTests {
    let scratch: ScratchFolder
    let store: ArtifactStore

    init() throws {
        scratch = try ScratchFolder()
        store = ArtifactStore(folder: scratch.path("store"))
    }

    private func digest(_ text: String) throws -> ContentDigest {
        try #require(ContentDigest(rawValue: SHA256Digest.of(text).hex))
    }

    @Test("keeps a file by its content, readable and not to be written")
    func puts() throws {
        let source = try scratch.write("weights", to: "output/adapter.bin")
        let file = try store.put(file: source, name: "adapter.bin")
        #expect(file == VersionRecord.File(name: "adapter.bin", size: 7, sha256: try digest("weights")))
        #expect(try store.has(file.sha256))
        #expect(try store.read(file.sha256) == Array("weights".utf8))
        let status = try #require(try FileStatus.of(store.object(file.sha256)))
        #expect(status.permissions == 0o444)
        #expect(store.object(file.sha256).hasSuffix("sha256/\(file.sha256.rawValue.prefix(2))/\(file.sha256)"))
        #expect(try store.put(Array("weights".utf8), name: "adapter.bin") == file)
        #expect(try store.put(folder: scratch.path("output")) == [file])
        #expect(try store.put(name: "adapter.bin") { sink in for byte in "weights".utf8 { try sink([byte]) } } == file)
        #expect(try Folder.files(below: store.path).count == 1)
    }

    @Test("says which object is missing, and what to do")
    func missing() throws {
        let digest = try digest("nothing")
        let error = #expect(throws: ArtifactError.self) { try store.verify(digest) }
        #expect(error?.code == .missing)
        #expect(error?.message.contains(digest.rawValue) == true)
    }

    @Test("notes which object tells the result of a fingerprint, and keeps no more than the last")
    func notes() throws {
        let fingerprint = try #require(Fingerprint(rawValue: "v1-" + SHA256Digest.of("a").hex))
        #expect(try store.result(of: fingerprint) == nil)
        for text in ["one", "two"] {
            try store.note(try digest(text), asResultOf: fingerprint)
            #expect(try store.result(of: fingerprint) == digest(text))
        }
        let note = store.path + "/trained/\(fingerprint.hex.prefix(2))/\(fingerprint)"
        #expect(try Folder.names(in: Folder.parent(of: note)) == [fingerprint.rawValue])
        #expect(try store.turn(of: fingerprint) == note + ".lock")
        for text in ["", "\n", SHA256Digest.of("a").hex, "\(SHA256Digest.of("a").hex)\n\n"] {
            try DurableFile.write(text, to: note)
            #expect(throws: ArtifactError.self) { try store.result(of: fingerprint) }
        }
        try DurableFile.write(String(repeating: "a", count: 1 << 20), to: note)
        #expect(throws: POSIXError.self) { try store.result(of: fingerprint) }
    }

    @Test("holds files that are there in their sizes, under names that stay in their folder")
    func holds() throws {
        let file = try store.put(Array("weights".utf8), name: "a/b.bin")
        #expect(try store.holds([file]))
        #expect(try !store.holds([]))
        #expect(try !store.holds([file, file]))
        var wrong = [file, file, file]
        wrong[0].size += 1
        wrong[1].name = "../b.bin"
        wrong[2].sha256 = try digest("nothing")
        for file in wrong { #expect(try !store.holds([file])) }
    }

    @Test("gives out no damaged object, and puts a good one in its place")
    func damaged() throws {
        let file = try store.put(Array("weights".utf8), name: "x")
        try DurableFile.write("w3ights", to: store.object(file.sha256))
        let error = #expect(throws: ArtifactError.self) { try store.copy(file.sha256, to: scratch.path("copy")) }
        #expect(error?.code == .damaged)
        #expect(error?.message.contains(store.object(file.sha256)) == true)
        #expect(try Folder.names(in: scratch.path) == ["store"])
        #expect(throws: ArtifactError.self) { try store.read(file.sha256) }
        #expect(throws: ArtifactError.self) { try store.materialize([file], into: scratch.path("model")) }
        _ = try store.put(Array("weights".utf8), name: "x")
        try store.copy(file.sha256, to: scratch.path("copy"))
        #expect(scratch.read("copy") == "weights")
    }

    @Test("lays a version's files out, again and again, and mends what is wrong there")
    func materializes() throws {
        let files = try [("a", "1"), ("sub/b", "2")].map { try store.put(Array($0.1.utf8), name: $0.0) }
        for _ in 1...2 {
            try store.materialize(files, into: scratch.path("model"))
            #expect(scratch.read("model/a") == "1")
            #expect(scratch.read("model/sub/b") == "2")
        }
        try scratch.write("wrong", to: "model/a")
        try store.materialize(files, into: scratch.path("model"))
        #expect(scratch.read("model/a") == "1")
        #expect(try Folder.files(below: scratch.path("model")) == ["a", "sub/b"])
        try store.verify(files[0].sha256)
    }

    @Test("lets no file leave its folder", arguments: ["../x", "/etc/x", "a/../../x", "", ".", "a//b", "a\u{0}b"])
    func names(name: String) throws {
        let file = try store.put([1], name: name)
        let error = #expect(throws: ArtifactError.self) { try store.materialize([file], into: scratch.path("model")) }
        #expect(error?.code == .name)
    }

    @Test("is put to by several processes' threads at once")
    func concurrent() async throws {
        let bytes = [UInt8](repeating: 7, count: 300_000)
        let store = store
        let files = try await withThrowingTaskGroup(of: VersionRecord.File.self) { group in
            for _ in 1...8 { group.addTask { try store.put(bytes, name: "x") } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(files.count == 1)
        #expect(try Folder.files(below: store.path).count == 1)
        try store.verify(try #require(files.first?.sha256))
    }

    @Test("knows folders by absolute paths, and buckets", arguments: ["s3://", "gs://bucket/x", "relative/x", ""])
    func locations(location: String) {
        let error = #expect(throws: ArtifactError.self) {
            try ArtifactStore(location: location, cache: "/cache", state: "/state", environment: [:])
        }
        #expect(error?.code == .unsupported)
        let folder = try? ArtifactStore(location: "/srv/store", cache: "/cache", state: "/state", environment: [:])
        #expect(folder?.location == "/srv/store" && folder?.path == "/srv/store")
        let bucket = try? ArtifactStore(location: "s3://bucket/x", cache: "/cache", state: "/state", environment: [:])
        #expect(bucket?.location == "s3://bucket/x" && bucket?.path.hasPrefix("/cache/stores/") == true)
    }
}
