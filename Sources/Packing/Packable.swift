//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// A value that can be written as bytes for a cache, and read again by the same program.
package protocol Packable {
    /// Writes the value.
    func pack(to packer: inout Packer)

    /// Reads what ``pack(to:)`` wrote.
    init(from unpacker: inout Unpacker) throws(PackingError)
}

/// Bytes that were not written by ``Packer``, or not for what they are read as.
package struct PackingError: Error, Hashable, Sendable {
    /// Makes an error.
    package init() {}
}
