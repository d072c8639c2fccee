//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
internal import POSIX
internal import Resources
internal import Transfer

/// A part of a bucket in a store that speaks S3, where the object of a digest lies by the name that it has in a folder.
///
/// An object appears whole or not at all, as S3 has it of each request that completes.
struct ObjectBucket: Hashable, Sendable {
    /// The part of the bucket, as `s3://bucket/prefix`.
    let location: String
    let name: String
    private let prefix: String
    private let environment: [String: String]
    /// Bytes that one request sends; larger objects go in several parts of that size.
    let partSize: Int

    /// Bytes of a part: at most 10,000 make an object, and one is held in memory.
    static let usualPartSize = 64 << 20

    /// Names a part of a bucket; nothing where the text is no such. The environment says where the store is, and who
    /// asks.
    init?(location: String, environment: [String: String], partSize: Int = usualPartSize) {
        guard location.hasPrefix("s3://") else { return nil }
        let parts = location.dropFirst(5).split(separator: "/").map(String.init)
        guard let name = parts.first, ResourceName.isValid(name) else { return nil }
        self.location = location
        self.name = name
        self.environment = environment
        self.partSize = partSize
        prefix = parts.dropFirst().map { $0 + "/" }.joined()
    }

    private func key(_ digest: ContentDigest) -> String {
        "\(prefix)sha256/\(digest.rawValue.prefix(2))/\(digest.rawValue)"
    }

    /// How many bytes an object has; nothing where it is not there.
    func size(of digest: ContentDigest) throws -> Int? {
        let session = try session()
        let response = try session.send(.head, key(digest)).response
        if response.status == 200, let size = response.size { return size }
        // The answer to a head has no body, and so does not tell an object that is not there from a bucket.
        let first = [TransferHeader("Range", "bytes=0-0")]
        let (whole, text) = try session.send(.get, key(digest), headers: first)
        if whole.status == 404, S3Refusal.element("Code", in: text) != "NoSuchBucket" { return nil }
        throw session.refusal(whole, body: text, permission: "s3:GetObject and s3:ListBucket")
    }

    /// Brings an object to a path, where nothing appears that is not whole and right.
    func fetch(_ digest: ContentDigest, to path: String) throws {
        try persistently {
            let session = try session()
            let pending = try PendingFile(for: path)
            var hasher = SHA256Hasher()
            let file = pending.file
            let (response, text) = try session.send(.get, key(digest)) { part in
                hasher.update(part)
                try file.write(part)
            }
            guard response.status == 200 else {
                guard response.status == 404 else {
                    throw session.refusal(response, body: text, permission: "s3:GetObject")
                }
                throw ArtifactError(.missing, "the artifact store \(location) has no object \(digest)")
            }
            let found = ContentDigest(words: hasher.digest.words)
            guard found == digest else {
                throw ArtifactError(
                    .damaged,
                    "the object \(digest) of the store \(location) is damaged, its bytes have the SHA-256 \(found): "
                        + "remove it, and put a good copy in its place"
                )
            }
            try pending.commit(permissions: 0o444)
        }
    }

    /// Puts a file that is an object of the digest, unless the bucket has it; there when it returns.
    func put(_ path: String, as digest: ContentDigest) throws {
        guard let size = try FileStatus.of(path)?.size else {
            throw ArtifactError(.changed, "\(path) was removed while it was stored: try again")
        }
        guard try self.size(of: digest) != size else { return }
        let file = try OpenFile(path, .read)
        if size <= partSize {
            let bytes = try file.read(exactly: size, at: 0)
            try Self.check(SHA256Digest.of(bytes), is: digest, of: path)
            _ = try persistently { try session().put(bytes, at: key(digest), sha256: digest.rawValue) }
        } else {
            try PartedUpload(bucket: self, key: key(digest)).send(file, size: size, digest: digest)
        }
        guard try self.size(of: digest) == size else {
            throw ArtifactError(.damaged, "the store \(location) took the object \(digest), and does not have it whole")
        }
    }

    /// Refuses to send what is no longer the object that it was.
    static func check(_ found: SHA256Digest, is digest: ContentDigest, of path: String) throws(ArtifactError) {
        guard ContentDigest(words: found.words) != digest else { return }
        throw ArtifactError(.changed, "\(path) changed while it was stored: try again when it is whole")
    }

    /// Who asks which store now.
    func session() throws -> BucketSession { try BucketSession(self, environment: environment) }

    /// Does what a store may be too busy for, again a moment later where it was.
    func persistently<Result>(_ attempt: () throws -> Result) throws -> Result {
        for pause in [Duration.seconds(1), .seconds(4), .seconds(15)] {
            do { return try attempt() } catch let error as ArtifactError where error.code == .busy {
                Pause.sleep(pause)
            }
        }
        return try attempt()
    }
}

extension ObjectBucket: CustomStringConvertible, CustomReflectable {
    /// The location: what else it has may be secret.
    var description: String { location }
    var customMirror: Mirror { Mirror(self, children: []) }
}

extension OpenFile {
    /// So many bytes from a place on; an error where the file ends before.
    func read(exactly count: Int, at place: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            let part = try read(upTo: count - bytes.count, at: place + bytes.count)
            guard !part.isEmpty else {
                throw ArtifactError(.changed, "\(path) became shorter while it was stored")
            }
            bytes += part
        }
        return bytes
    }
}
