//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
internal import POSIX
internal import Resources

/// What was found at a source when it was looked at last, so that what has not changed is not downloaded again.
struct DownloadMemory {
    /// What was found.
    struct Seen {
        /// What the server calls that state of the file.
        var validator: String
        /// The digest of its bytes.
        var digest: ContentDigest
    }

    let path: String

    func read() throws -> Seen? {
        guard let bytes = try FileContents.readIfPresent(path, limit: 1 << 16),
            let value = try? JSONParser.parse(bytes[...]), let validator = value["validator"]?.string,
            let digest = value["sha256"]?.string.flatMap({ ContentDigest(rawValue: $0) })
        else { return nil }
        return Seen(validator: validator, digest: digest)
    }

    func write(_ seen: Seen?) throws {
        guard let seen else { return try Folder.remove(path) }
        let value: JSONValue = ["validator": .string(seen.validator), "sha256": .string(seen.digest.rawValue)]
        try DurableFile.write(JSONText.pretty(value), to: path)
    }
}
