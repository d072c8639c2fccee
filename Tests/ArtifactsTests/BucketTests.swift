//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Digest
import FtopsTestSupport
import POSIX
import Resources
import Testing
import Transfer

@testable import Artifacts

@Suite("Store of artifacts in a bucket", .enabled(if: Peer.arePresent, "make test sets the servers up"))
struct BucketTests {
    private static let some = ContentDigest(rawValue: SHA256Digest.of("some").hex)

    let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
        try scratch.write("rows", to: "served/rows.jsonl")
    }

    private func server(_ kind: String) throws -> Peer {
        try Peer(script: "store.py", [kind, Peer.programs, scratch.path("served")])
    }

    private func environment(_ server: Peer, secret: String = "secret") -> [String: String] {
        [
            "AWS_ENDPOINT_URL": "http://127.0.0.1:\(server.port)", "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": secret,
        ]
    }

    /// The store as a machine sees it that keeps what it has had in a folder of that name.
    private func store(_ server: Peer, machine: String, partSize: Int = 5 << 20) throws -> ArtifactStore {
        let variables = environment(server)
        let bucket = ObjectBucket(location: "s3://rows/team/ftops", environment: variables, partSize: partSize)
        let state = scratch.path(machine + "-state")
        return ArtifactStore(try #require(bucket), cache: scratch.path(machine), state: state)
    }

    /// Bytes of which no two parts are alike.
    private func bytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let number = UInt8(bytes.count / 3_000_000)
            bytes += [UInt8](repeating: number, count: min(3_000_000, count - bytes.count))
        }
        return bytes
    }

    @Test("gives another machine what one has put, small or in parts", arguments: ["rclone", "seaweedfs"])
    func shares(kind: String) throws {
        let server = try server(kind)
        let one = try store(server, machine: "one")
        for count in [0, 7, 12_000_000] {
            let bytes = bytes(count)
            let file = try one.put(bytes, name: "model.safetensors")
            #expect(try one.size(of: file.sha256) == count)
            let other = try store(server, machine: "other")
            #expect(try other.read(file.sha256) == bytes)
            #expect(try other.holds([file]))
            #expect(FileStatus.isFile(other.object(file.sha256)))
        }
        let absent = try #require(ContentDigest(rawValue: SHA256Digest.of("absent").hex))
        #expect(try one.has(absent) == false)
        let missing = #expect(throws: ArtifactError.self) { try one.verify(absent) }
        #expect(missing?.code == .missing)
    }

    @Test("puts back what the bucket has lost, though the machine that has it thought it was there")
    func putsBack() throws {
        let server = try server("rclone")
        let one = try store(server, machine: "one")
        let file = try one.put(Array("weights".utf8), name: "adapter.bin")
        let bucket = try #require(one.bucket)
        let key = "team/ftops/sha256/\(file.sha256.rawValue.prefix(2))/\(file.sha256)"
        let removed = try bucket.persistently { try bucket.session().send(.delete, key).response }
        #expect(removed.status == 204)
        #expect(try !one.has(file.sha256))
        _ = try one.put(Array("weights".utf8), name: "adapter.bin")
        #expect(try one.has(file.sha256))
    }

    @Test("brings anew what is damaged on this machine, and gives what is here to a bucket that lost it")
    func heals() throws {
        let server = try server("rclone")
        let one = try store(server, machine: "one")
        let file = try one.put(Array("weights".utf8), name: "adapter.bin")
        try DurableFile.write("w3ights", to: one.object(file.sha256))
        #expect(try !one.putBack([file]))
        try one.verify(file.sha256)
        #expect(try one.putBack([file]))
        #expect(try !store(server, machine: "other").putBack([file]))
    }

    @Test("says what keeps it out, without the secret")
    func refuses() throws {
        let server = try server("rclone")
        func failure(_ bucket: String, _ variables: [String: String]) throws -> ArtifactError? {
            let new = scratch.path("new")
            let store = try ArtifactStore(location: bucket, cache: new, state: new, environment: variables)
            return #expect(throws: ArtifactError.self) { try store.put(Array("weights".utf8), name: "adapter.bin") }
        }
        let wrong = try failure("s3://rows", environment(server, secret: "anothersecret"))
        #expect(wrong?.code == .settings && wrong?.message.contains("anothersecret") == false)
        let nobody = try failure("s3://rows", ["AWS_ENDPOINT_URL": "http://127.0.0.1:\(server.port)"])
        #expect(nobody?.code == .settings && nobody?.message.contains("AWS_ACCESS_KEY_ID") == true)
        let absent = ObjectBucket(location: "s3://nothing", environment: environment(server))
        let lost = #expect(throws: ArtifactError.self) { try absent?.size(of: #require(Self.some)) }
        #expect(lost?.code == .settings)
        #expect("\(String(reflecting: absent))".contains("secret") == false)
        let nowhere = try failure("s3://nothing", environment(server))
        #expect(nowhere?.code == .settings && nowhere?.message.contains("make the bucket nothing") == true)
        var nobodyThere = environment(server)
        nobodyThere["AWS_ENDPOINT_URL"] = "http://127.0.0.1:9"
        let away = try failure("s3://rows", nobodyThere)
        #expect(away?.code == .unreachable)
    }

    @Test("keeps nothing of a file that is no longer what it was, in one piece or in parts", arguments: [1, 2 << 20])
    func changed(times: Int) throws {
        let server = try server("rclone")
        let store = try store(server, machine: "one")
        let digest = try #require(ContentDigest(rawValue: SHA256Digest.of("before").hex))
        let path = try scratch.write(String(repeating: "after", count: times), to: "changing.bin")
        let bucket = try #require(store.bucket)
        let changed = #expect(throws: ArtifactError.self) { try bucket.put(path, as: digest) }
        #expect(changed?.code == .changed)
        #expect(try !store.has(digest))
    }
}
