//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON

/// Reads a source row by row to tell what is wrong with it, where the fast way found that something is.
enum RowInspection {
    /// Throws what is wrong with the rows, if anything is.
    static func run(_ source: RowSource, _ renderer: RowRenderer) throws(DatasetError) {
        var problems = RowProblems()
        var first: (line: Int, form: RenderedRow.Form)?
        var reader = try RowReader(source)
        while let element = try reader.next() {
            switch element {
            case .problem(let problem): problems.append(problem)
            case .row(let row):
                do throws(RenderError) {
                    let form = try renderer.render(row.fields).form
                    let expected = first ?? (row.line, form)
                    first = expected
                    guard form == expected.form else { throw mixed(form, expected) }
                } catch {
                    let reason = error.message
                    problems.append(RowProblem(in: source.name, line: row.line, bytes: row.bytes, reason: reason))
                }
            }
        }
        if let error = problems.error(in: source.name, isNoRows: reader.isNoRows) { throw error }
    }

    private static func mixed(_ form: RenderedRow.Form, _ first: (line: Int, form: RenderedRow.Form)) -> RenderError {
        RenderError(
            "the row has \(form.rawValue), and the first row, on line \(first.line), has \(first.form.rawValue)"
        )
    }
}
