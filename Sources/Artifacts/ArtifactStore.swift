//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
internal import POSIX
package import Resources

/// A store of artifacts by their content: the object of a digest lies at `sha256/<2 digits>/<64 digits>`, in a folder, or
/// below a name in a bucket of a store that speaks S3.
///
/// An object appears whole or not at all and never changes, so any number of processes may put, read and link at once.
/// Of a bucket, a folder of this machine keeps what was put and read here, so that it need not come twice. It may be
/// deleted at any time.
package struct ArtifactStore: Hashable, Sendable {
    /// The folder of the objects that are on this machine.
    package let path: String
    /// The folder of what is known of results on this machine.
    let notes: String
    let bucket: ObjectBucket?

    /// Names a store in a folder; nothing on the disk changes until something is put.
    package init(folder: String) {
        path = folder
        notes = folder
        bucket = nil
    }

    /// Names the store at a location, a folder's absolute path or `s3://bucket/prefix`. Of a bucket, a folder in `cache`
    /// keeps what was here, one in `state` what is known of results, and the environment says where it is and who asks.
    package init(
        location: String,
        cache: String,
        state: String,
        environment: [String: String]
    ) throws(ArtifactError) {
        if location.hasPrefix("/") {
            self.init(folder: location)
        } else if let bucket = ObjectBucket(location: location, environment: environment) {
            self.init(bucket, cache: cache, state: state)
        } else {
            throw ArtifactError(
                .unsupported,
                "the artifact store \(location) is neither a folder's absolute path nor s3://bucket/prefix"
            )
        }
    }

    init(_ bucket: ObjectBucket, cache: String, state: String) {
        self.bucket = bucket
        let name = SHA256Digest.of(bucket.location).hex.prefix(16)
        (path, notes) = ("\(cache)/stores/\(name)", "\(state)/stores/\(name)")
    }

    /// Where the store is: a folder's path, or `s3://bucket/prefix`.
    package var location: String { bucket?.location ?? path }

    /// Where the object of a digest lies on this machine, if it does.
    package func object(_ digest: ContentDigest) -> String {
        "\(path)/sha256/\(digest.rawValue.prefix(2))/\(digest.rawValue)"
    }

    /// Whether an object is on this machine, by its name alone.
    func isHere(_ digest: ContentDigest) -> Bool { FileStatus.isFile(object(digest)) }

    /// Whether the store has an object, by its name alone. A bucket is asked, whatever is on this machine.
    package func has(_ digest: ContentDigest) throws -> Bool { try size(of: digest) != nil }

    /// How many bytes an object of the store has; nothing where it has none.
    package func size(of digest: ContentDigest) throws -> Int? {
        if let bucket { return try bucket.size(of: digest) }
        let status = try FileStatus.of(object(digest), followingLinks: false)
        return status?.kind == .file ? status?.size : nil
    }

    /// Reads an object to its end; an error where the store lacks it, or its bytes are not what its name says.
    package func verify(_ digest: ContentDigest) throws {
        try healing(digest) { try forEachPart(of: digest) { _ in } }
    }

    /// Reads an object that fits in memory.
    package func read(_ digest: ContentDigest) throws -> [UInt8] {
        try healing(digest) {
            var bytes: [UInt8] = []
            try forEachPart(of: digest) { bytes += $0 }
            return bytes
        }
    }

    /// Copies an object to a path, in place of what is there; nothing takes that place unless all of it is right.
    package func copy(_ digest: ContentDigest, to target: String) throws {
        try healing(digest) {
            let pending = try PendingFile(for: target)
            try forEachPart(of: digest) { try pending.file.write($0) }
            try pending.commit()
        }
    }

    /// Does something with an object; once more with a fresh one where a bucket has it and the one here is damaged.
    private func healing<Result>(_ digest: ContentDigest, _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as ArtifactError where error.code == .damaged {
            guard let bucket else { throw error }
            try bucket.fetch(digest, to: object(digest))
            return try body()
        }
    }

    /// Opens an object, to be read part by part.
    package func open(_ digest: ContentDigest) throws -> ArtifactReader {
        if !isHere(digest), let bucket {
            try makeFolder(for: digest)
            try bucket.fetch(digest, to: object(digest))
        }
        guard isHere(digest) else {
            throw ArtifactError(
                .missing,
                "the artifact store \(location) has no object \(digest): bring it from the machine that trained it, "
                    + "or name a store that your machines share in the Project's artifacts"
            )
        }
        return try ArtifactReader(object(digest), digest)
    }

    private func forEachPart(of digest: ContentDigest, _ body: ([UInt8]) throws -> Void) throws {
        var reader = try open(digest)
        while let part = try reader.next() { try body(part) }
    }
}
