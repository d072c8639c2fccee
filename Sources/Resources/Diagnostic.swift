//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// A place in a text file: line and column from 1, the column counted in Unicode scalars.
package struct SourcePosition: Hashable, Sendable, Comparable {
    /// The line, from 1.
    package let line: Int
    /// The column, from 1, in Unicode scalars.
    package let column: Int

    /// Makes a position.
    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// Orders positions by line, then column.
    package static func < (left: SourcePosition, right: SourcePosition) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// A stretch of one text file.
package struct SourceRange: Hashable, Sendable {
    /// The file's path from the top of the manifest repository.
    package let file: String
    /// Where the stretch begins.
    package let start: SourcePosition
    /// Just behind its end.
    package let end: SourcePosition

    /// Makes a range.
    package init(file: String, start: SourcePosition, end: SourcePosition) {
        self.file = file
        self.start = start
        self.end = end
    }
}

/// A finding in what the user wrote: where, what, and what to do.
package struct Diagnostic: Hashable, Sendable {
    /// How grave a finding is.
    package enum Severity: String, Hashable, Sendable {
        case error
        case warning
    }

    /// A finding's kind as a word such as `unknown-key`, stable between releases.
    package struct ID: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral {
        /// The word.
        package let rawValue: String
        /// Makes an id from its word.
        package init(rawValue: String) { self.rawValue = rawValue }
        /// Makes an id from a literal.
        package init(stringLiteral value: String) { rawValue = value }
    }

    /// How grave it is.
    package var severity: Severity
    /// The kind of finding.
    package var id: ID
    /// What is wrong and what was expected; lower case, no full stop.
    package var message: String
    /// Where, as far as a file is concerned.
    package var range: SourceRange?
    /// The range in bytes of the file from 0, where it is known.
    package var bytes: Range<Int>?
    /// What the range stands in, such as `FineTune summarizer`.
    package var context: String?
    /// The text of the range's first line, for the caret; of a long line the piece around the range.
    package var sourceLine: String?
    /// The column at which that text begins.
    package var sourceColumn = 1
    /// Further sentences, such as `did you mean …`.
    package var notes: [String]

    /// Makes a finding; of a message that nobody would read to its end it has the beginning.
    package init(
        _ id: ID,
        _ message: String,
        severity: Severity = .error,
        range: SourceRange? = nil,
        sourceLine: String? = nil,
        notes: [String] = []
    ) {
        self.severity = severity
        self.id = id
        self.message = message.bounded
        self.range = range
        self.sourceLine = sourceLine
        self.notes = notes.map(\.bounded)
    }
}
