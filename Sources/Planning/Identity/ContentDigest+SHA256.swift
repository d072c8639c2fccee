//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
internal import JSON
package import Resources

extension ContentDigest {
    /// The digest of a text's UTF-8 bytes.
    package static func ofText(_ text: String) -> ContentDigest {
        ContentDigest(words: SHA256Digest.of(text).words)
    }

    /// The digest of a value's canonical JSON.
    static func ofCanonical(_ value: JSONValue) -> ContentDigest { ofText(CanonicalJSON.text(value)) }

    /// The digest of a list of files: the canonical JSON of `[{"name", "sha256", "size"}]`, sorted by name.
    static func ofFiles(_ files: [VersionRecord.File]) -> ContentDigest {
        let sorted = files.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        return ofCanonical(
            .array(
                sorted.map {
                    ["name": .string($0.name), "sha256": .string($0.sha256.rawValue), "size": .int($0.size)]
                }
            )
        )
    }
}
