//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// What is wrong with a template's text, and where.
package struct TemplateError: Error, Hashable, Sendable {
    /// Which of a template's texts it is: `prompt`, `completion`, `chosen`, `rejected` or `text`.
    package var part: String
    /// Where in the text, in Unicode scalars from 0.
    package let offset: Int
    /// What is wrong and what to do; lower case, no full stop.
    package let message: String

    init(_ message: String, at offset: Int, part: String = "") {
        self.message = message
        self.offset = offset
        self.part = part
    }

    /// The error as a finding: at its own place in a manifest where that is known, else at that of the whole text.
    package func diagnostic(at place: SourceRange?, of text: SourceRange) -> Diagnostic {
        let character = place == nil ? " (at character \(offset + 1))" : ""
        return Diagnostic("bad-template", "`\(part)`: \(message)\(character)", range: place ?? text)
    }
}

/// Why a row cannot be rendered; lower case, no full stop.
package struct RenderError: Error, Hashable, Sendable {
    /// What is wrong, with the field's name.
    package let message: String
    /// The field that the row lacks, where that is what is wrong.
    package let missing: String?

    init(_ message: String, missing: String? = nil) {
        self.message = message
        self.missing = missing
    }
}
