//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// A file under `manifests/`, read by the caller from the work tree or from a commit.
package struct ManifestFile: Hashable, Sendable {
    /// The path from the top of the repository, with `/` between its parts.
    package var path: String
    /// What the file holds.
    package var bytes: [UInt8]

    /// Makes a file from its bytes.
    package init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }

    /// Makes a file from its text.
    package init(path: String, text: String) { self.init(path: path, bytes: Array(text.utf8)) }
}
