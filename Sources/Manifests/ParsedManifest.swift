//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Digest
import Packing
import YAML

/// The documents of a manifest as nodes, before anything is made of them.
///
/// Nodes and not resources are remembered, so that what manifests mean is decided by one piece of code, and a release
/// that adds a field need not think of any memory.
struct ParsedManifest: Packable, Sendable {
    /// Bytes of a file above which remembering costs more than it saves.
    private static let sizeLimit = 1 << 20

    let documents: [YAMLNode]

    init(documents: [YAMLNode]) { self.documents = documents }

    init(from unpacker: inout Unpacker) throws(PackingError) {
        documents = try unpacker.list { unpacker throws(PackingError) in try YAMLNode(from: &unpacker) }
    }

    func pack(to packer: inout Packer) { packer.list(documents) { $0.value($1) } }

    /// What a file is remembered under; nothing for one that is too large.
    static func key(of bytes: [UInt8]) -> ReadingMemory.Key? {
        guard bytes.count <= sizeLimit else { return nil }
        let words = SHA256Digest.of(bytes).words
        return ReadingMemory.Key(words.0, words.1, words.2, words.3)
    }
}
