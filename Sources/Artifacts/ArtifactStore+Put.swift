//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
internal import POSIX
package import Resources

extension ArtifactStore {
    /// Stores a file under a name of the version's; on the disk and read back when it returns, and in the bucket where the
    /// store is one. What the store has already is not stored again, unless it is damaged.
    package func put(file source: String, name: String) throws -> VersionRecord.File {
        let (digest, size) = try Self.identity(of: source)
        if !hasWhole(digest) {
            try put(as: digest) { file in
                var hasher = SHA256Hasher()
                try FileContents.forEachPart(of: source) { part in
                    hasher.update(part)
                    try file.write(part)
                }
                guard hasher.finalize().hex == digest.rawValue else {
                    throw ArtifactError(.changed, "\(source) changed while it was stored: try again when it is whole")
                }
            }
        }
        try bucket?.put(object(digest), as: digest)
        return VersionRecord.File(name: name, size: size, sha256: digest)
    }

    /// Stores bytes under a name of the version's; on the disk and read back when it returns.
    package func put(_ bytes: [UInt8], name: String) throws -> VersionRecord.File {
        try put(name: name) { try $0(bytes) }
    }

    /// Stores what `parts` hands over, the same each time that it is called; on the disk and read back when it returns.
    package func put(
        name: String,
        parts: (_ sink: ([UInt8]) throws -> Void) throws -> Void
    ) throws -> VersionRecord.File {
        var hasher = SHA256Hasher()
        var size = 0
        try parts { part in
            hasher.update(part)
            size += part.count
        }
        let digest = Self.content(hasher.finalize())
        if !hasWhole(digest) { try put(as: digest) { file in try parts { try file.write($0) } } }
        try bucket?.put(object(digest), as: digest)
        return VersionRecord.File(name: name, size: size, sha256: digest)
    }

    /// Stores all files below a folder, by their path in it, sorted by name.
    package func put(folder: String) throws -> [VersionRecord.File] {
        try Folder.files(below: folder).map { try put(file: folder + "/" + $0, name: $0) }
    }

    /// Puts files into the bucket that are on this machine and whole; false where one is not.
    package func putBack(_ files: [VersionRecord.File]) throws -> Bool {
        guard let bucket else { return false }
        for file in files where try !isHere(file.sha256) || Self.digest(of: object(file.sha256)) != file.sha256 {
            return false
        }
        for file in files { try bucket.put(object(file.sha256), as: file.sha256) }
        return true
    }

    private func put(as digest: ContentDigest, fill: (OpenFile) throws -> Void) throws {
        let target = object(digest)
        try makeFolder(for: digest)
        let pending = try PendingFile(for: target)
        try fill(pending.file)
        // Links to an object share its bytes, so nobody is to write to them.
        try pending.commit(permissions: 0o444)
        try verify(digest)
    }

    func makeFolder(for digest: ContentDigest) throws {
        let folder = Folder.parent(of: object(digest))
        guard !FileStatus.isFolder(folder) else { return }
        try Folder.make(folder, permissions: 0o755)
        for made in [Folder.parent(of: folder), path] { try Folder.synchronize(made) }
        // A folder that this user may pass through but not list cannot be flushed, and need not be.
        try? Folder.synchronize(Folder.parent(of: path))
    }

    private func hasWhole(_ digest: ContentDigest) -> Bool { isHere(digest) && (try? verify(digest)) != nil }

    static func digest(of path: String) throws -> ContentDigest { try identity(of: path).digest }

    private static func identity(of path: String) throws -> (digest: ContentDigest, size: Int) {
        var hasher = SHA256Hasher()
        var size = 0
        try FileContents.forEachPart(of: path) { part in
            hasher.update(part)
            size += part.count
        }
        return (content(hasher.finalize()), size)
    }

    private static func content(_ digest: SHA256Digest) -> ContentDigest {
        ContentDigest(words: digest.words)
    }
}
