//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON

/// What rows have, column by column, told by those at the start of a source: for a first proposal of how to train on
/// them.
package struct RowSurvey: Hashable, Sendable {
    /// A field that rows have.
    package struct Column: Hashable, Sendable {
        /// Its name.
        package let name: String
        /// The rows in which it is a text, number or boolean that says something.
        package fileprivate(set) var filled = 0
        /// The rows in which it is a text at all.
        package fileprivate(set) var texts = 0
        /// The rows in which it is a list or an object.
        package fileprivate(set) var nested = 0
        /// The rows in which it is a conversation.
        package fileprivate(set) var conversations = 0
        /// The rows that have it.
        package fileprivate(set) var present = 0
        /// The length of the longest, in characters.
        package fileprivate(set) var longest = 0
        /// Whether one of them has several lines.
        package fileprivate(set) var hasLines = false

        /// Whether a template can name it.
        package var canBeNamed: Bool {
            var compiler = TemplateCompiler("{\(name)}")
            guard let fields = try? compiler.compile().fields else { return false }
            return fields.count == 1 && fields.contains(where: name.isIdentical)
        }
    }

    /// The columns, in the order in which they come.
    package private(set) var columns: [Column] = []
    /// The rows that were looked at.
    package private(set) var rows = 0
    /// Whether these are all.
    package private(set) var isWhole = true
    /// The tokens of the longest row, as they are estimated.
    package private(set) var longestRow = 0

    /// Columns that are looked at; what has more is no table.
    private static let columnLimit = 200

    private init() {}

    /// Looks at the first rows of a source; one that is no row is an error.
    package static func of(_ source: RowSource, limit: Int = 10_000) throws -> RowSurvey {
        var survey = RowSurvey()
        var reader = try RowReader(source)
        while let element = try reader.next() {
            guard survey.rows < limit else {
                survey.isWhole = false
                break
            }
            switch element {
            case .row(let row): survey.add(row)
            case .problem(let problem):
                throw DatasetError(.badRows, "\(source.name) has a bad row", diagnostics: [problem.diagnostic])
            }
        }
        guard survey.rows > 0 else { throw DatasetError(.noRows, "\(source.name) has no rows") }
        return survey
    }

    private mutating func add(_ row: RowReader.Row) {
        rows += 1
        longestRow = max(longestRow, TokenEstimator.tokens(in: row.bytes.span))
        for member in row.fields.members {
            if let index = columns.firstIndex(where: { $0.name.isIdentical(to: member.key) }) {
                columns[index].add(member.value)
            } else if columns.count < Self.columnLimit {
                columns.append(Column(name: member.key))
                columns[columns.count - 1].add(member.value)
            }
        }
    }
}

extension RowSurvey.Column {
    fileprivate mutating func add(_ value: JSONValue) {
        present += 1
        switch value {
        case .string(let text):
            texts += 1
            longest = max(longest, text.unicodeScalars.count)
            if text.contains(where: { !$0.isWhitespace }) { filled += 1 }
            if text.contains(where: \.isNewline) { hasLines = true }
        case .number, .bool: filled += 1
        case .array(let elements):
            nested += 1
            let isTalk = elements.allSatisfy { $0["role"]?.string != nil && $0["content"]?.string != nil }
            if isTalk, !elements.isEmpty { conversations += 1 }
        case .object: nested += 1
        case .null: break
        }
    }
}
