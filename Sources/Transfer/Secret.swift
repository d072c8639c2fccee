//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// A text that no message, log or dump may show.
package struct Secret: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// The text itself.
    package let value: String

    /// Makes a secret of a text.
    package init(_ value: String) { self.value = value }

    /// `<redacted>`.
    package var description: String { "<redacted>" }

    /// Nothing.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
