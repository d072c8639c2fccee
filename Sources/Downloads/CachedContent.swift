//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// The bytes of a source, as files in the cache.
package struct CachedContent: Hashable, Sendable {
    /// The digest of all files' bytes, one after the other: of one file, its own.
    package let digest: ContentDigest
    /// The files, in the order that the digest has them.
    package let files: [File]

    /// One of the files.
    package struct File: Hashable, Sendable {
        /// Its name, with the ending that it has at its source.
        package let name: String
        /// Where it is.
        package let path: String
        /// Its size in bytes.
        package let size: Int
    }

    /// The size of all files in bytes.
    package var size: Int { files.reduce(0) { $0 + $1.size } }
}
