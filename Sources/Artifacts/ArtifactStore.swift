//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX
package import Resources

/// A store of artifacts in a folder, by their content: the object of a digest lies at `sha256/<2 digits>/<64 digits>`.
///
/// An object appears whole or not at all and never changes, so any number of processes may put, read and link at once.
package struct ArtifactStore: Hashable, Sendable {
    /// The store's folder.
    package let path: String

    /// Names a store in a folder; nothing on the disk changes until something is put.
    package init(folder: String) { path = folder }

    /// Names the store that a Project asks for: a folder, by its absolute path.
    package init(location: String) throws(ArtifactError) {
        guard location.hasPrefix("/") else {
            throw ArtifactError(
                .unsupported,
                "the artifact store \(location) is no absolute path of a folder, the one kind that is supported yet"
            )
        }
        path = location
    }

    /// Where the object of a digest lies, if it does.
    package func object(_ digest: ContentDigest) -> String {
        "\(path)/sha256/\(digest.rawValue.prefix(2))/\(digest.rawValue)"
    }

    /// Whether the store has an object, by its name alone.
    package func contains(_ digest: ContentDigest) -> Bool { FileStatus.isFile(object(digest)) }

    /// Reads an object to its end; an error where the store lacks it, or its bytes are not what its name says.
    package func verify(_ digest: ContentDigest) throws { try forEachPart(of: digest) { _ in } }

    /// Reads an object that fits in memory.
    package func read(_ digest: ContentDigest) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try forEachPart(of: digest) { bytes += $0 }
        return bytes
    }

    /// Copies an object to a path, in place of what is there; nothing takes that place unless all of it is right.
    package func copy(_ digest: ContentDigest, to target: String) throws {
        let pending = try PendingFile(for: target)
        try forEachPart(of: digest) { try pending.file.write($0) }
        try pending.commit()
    }

    /// Opens an object, to be read part by part.
    package func open(_ digest: ContentDigest) throws -> ArtifactReader {
        guard contains(digest) else {
            throw ArtifactError(
                .missing,
                "the artifact store \(path) has no object \(digest): bring it from the machine that trained it, "
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
