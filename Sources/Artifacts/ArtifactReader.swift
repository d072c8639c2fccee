//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
internal import POSIX
internal import Resources

/// Reads an object of a store part by part.
package struct ArtifactReader {
    private let path: String
    private let digest: ContentDigest
    private let file: OpenFile
    private var hasher = SHA256Hasher()

    init(_ path: String, _ digest: ContentDigest) throws {
        self.path = path
        self.digest = digest
        file = try OpenFile(path, .read)
    }

    /// The next part, of up to a mebibyte; nothing at the end, and an error there where the bytes were not what the
    /// object's name says.
    package mutating func next() throws -> [UInt8]? {
        let part = try file.read(upTo: 1 << 20)
        hasher.update(part)
        if !part.isEmpty { return part }
        let found = ContentDigest(words: hasher.digest.words)
        guard found == digest else {
            throw ArtifactError(
                .damaged,
                "the object \(path) is damaged, its bytes have the SHA-256 \(found): remove it and put a good copy in "
                    + "its place"
            )
        }
        return nil
    }
}
