//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// A row that cannot be used: where it stands and why.
package struct RowProblem: Hashable, Sendable {
    /// The file's path from the top of the manifest repository.
    package let file: String
    /// The line, from 1.
    package private(set) var line: Int
    /// The column that the reason is about, from 1 in Unicode scalars.
    package let column: Int
    /// What is wrong and what to do; lower case, no full stop.
    package let reason: String
    /// A short piece of the line, escaped so that it can be printed anywhere.
    package let excerpt: Excerpt

    /// The problem so many lines further down.
    func moved(by lines: Int) -> RowProblem {
        var moved = self
        moved.line += lines
        return moved
    }

    /// The problem as a finding.
    package var diagnostic: Diagnostic {
        let start = SourcePosition(line: line, column: column)
        let end = SourcePosition(line: line, column: column + 1)
        return Diagnostic(
            "bad-row",
            reason,
            range: SourceRange(file: file, start: start, end: end),
            sourceLine: excerpt.keepsColumns && !excerpt.text.isEmpty ? excerpt.text : nil,
            notes: excerpt.keepsColumns ? [] : ["the row reads \(excerpt.text)"]
        )
    }
}

/// The rows of a file that cannot be used: the first ten, and how many there are.
struct RowProblems: Sendable {
    /// How many are told one by one.
    static let shown = 10

    private(set) var first: [RowProblem] = []
    private(set) var count = 0

    mutating func append(_ problem: RowProblem) {
        count += 1
        if first.count < Self.shown { first.append(problem) }
    }

    /// Adds problems whose lines are counted from a later place of the file.
    mutating func append(_ others: RowProblems, behind lines: Int) {
        count += others.count
        for problem in others.first.prefix(max(0, Self.shown - first.count)) { first.append(problem.moved(by: lines)) }
    }

    /// Adds problems of the same lines, in their order.
    mutating func merge(_ others: RowProblems) {
        count += others.count
        let both = (first + others.first).enumerated().sorted {
            ($0.element.line, $0.offset) < ($1.element.line, $1.offset)
        }
        first = both.prefix(Self.shown).map(\.element)
    }

    /// The error that tells them, or nothing where there are none.
    func error(in file: String, isNoRows: Bool) -> DatasetError? {
        guard count > 0 else { return nil }
        if isNoRows {
            let message = "\(file) is no file of rows: \(first[0].reason)"
            return DatasetError(.badRows, message, diagnostics: first.map(\.diagnostic))
        }
        let what = count == 1 ? "1 row of \(file) cannot be used" : "\(count) rows of \(file) cannot be used"
        var diagnostics = first.map(\.diagnostic)
        if count > first.count {
            diagnostics.append(Diagnostic("bad-row", "\(what); the first \(first.count) are shown"))
        }
        return DatasetError(.badRows, "\(what); nothing was rendered", diagnostics: diagnostics)
    }
}
