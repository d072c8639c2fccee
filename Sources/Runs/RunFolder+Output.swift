//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
internal import POSIX
package import Resources

extension RunFolder {
    /// The trained files with their sizes and digests, sorted by name.
    package func outputFiles() throws -> [VersionRecord.File] {
        try Folder.files(below: output).map { name in
            let path = output + "/" + name
            let digest = ContentDigest(words: try SHA256Digest.of(file: path).words)
            return VersionRecord.File(name: name, size: try FileStatus.of(path)?.size ?? 0, sha256: digest)
        }
    }

    /// One digest for files: SHA-256 over a line for each, `<sha256> <size> <name>`, in the order of their names.
    package static func digest(of files: [VersionRecord.File]) -> ContentDigest {
        var hasher = SHA256Hasher()
        for file in files.sorted(by: { Array($0.name.utf8).lexicographicallyPrecedes(Array($1.name.utf8)) }) {
            hasher.update("\(file.sha256) \(file.size) \(file.name)\n")
        }
        return ContentDigest(words: hasher.finalize().words)
    }
}
