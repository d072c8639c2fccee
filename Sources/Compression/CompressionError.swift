//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Why bytes could not be decompressed; lower case, no full stop.
package struct CompressionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    package let message: String

    init(_ message: String) { self.message = message }

    /// What is wrong.
    package var description: String { message }
}
