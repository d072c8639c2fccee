//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
internal import Resources

/// What all rows of a source lack: then it is not they that are wrong.
package struct AbsentFields: Hashable, Sendable {
    /// The fields that are asked for and no row has, in the order of the template.
    package let names: [String]
    /// The fields that the first row has instead.
    package let known: [String]
    /// How many rows there are.
    package let rows: Int
    /// Whether a template asks for them, and not the form that rows have to have without one.
    package let areOfTemplate: Bool
    /// The source's name.
    package let source: String
}

/// Rows that lack fields, kept apart from those that are wrong in another way until it is known whether any row has
/// these fields.
struct MissingFields: Sendable {
    /// The rows by the first field that they lack.
    private var problems: [String: RowProblems] = [:]
    /// How many rows lack a field.
    private var counts: [String: Int] = [:]
    /// How many rows could not be rendered, for whatever reason.
    private(set) var rows = 0
    /// The fields of the first of these rows.
    private var known: [String] = []

    /// Notes a row that cannot be rendered; whether that is because of a field that it lacks.
    mutating func take(_ problem: RowProblem, of row: JSONObject, lacking fields: [String], first: String?) -> Bool {
        if rows == 0 { known = row.keys }
        rows += 1
        for field in fields { counts[field, default: 0] += 1 }
        guard let first, fields.contains(first) else { return false }
        problems[first, default: RowProblems()].append(problem)
        return true
    }

    /// Adds rows whose lines are counted from a later place of the file.
    mutating func append(_ others: MissingFields, behind lines: Int) {
        if rows == 0 { known = others.known }
        rows += others.rows
        for (field, count) in others.counts { counts[field, default: 0] += count }
        for (field, found) in others.problems { problems[field, default: RowProblems()].append(found, behind: lines) }
    }

    /// The fields that not one row has, of which so many others could be rendered.
    func absent(among fields: [String], rendered: Int) -> [String] {
        rendered > 0 ? [] : fields.filter { rows > 0 && counts[$0] == rows }
    }

    /// The fields of the first row that cannot be rendered.
    var firstFields: [String] { known }

    /// The rows that lack a field which others have.
    func problems(but absent: [String]) -> [RowProblems] {
        problems.filter { !absent.contains($0.key) }.map(\.value)
    }
}
