//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// What is wrong with a filter's text, and where.
package struct FilterError: Error, Hashable, Sendable {
    /// Where in the text, in Unicode scalars from 0.
    package let offset: Int
    /// What is wrong and what to do; lower case, no full stop.
    package let message: String

    init(_ message: String, at offset: Int) {
        self.message = message
        self.offset = offset
    }

    /// The error as a finding: at its own place in a manifest where that is known, else at that of the whole text.
    package func diagnostic(at place: SourceRange?, of text: SourceRange) -> Diagnostic {
        let character = place == nil ? " (at character \(offset + 1))" : ""
        return Diagnostic("bad-filter", "`filter`: \(message)\(character)", range: place ?? text)
    }
}
