//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Resources
internal import Synchronization

/// A source of rows of which a dataset's steps have chosen some, with what they took.
struct SelectedSource: Sendable {
    /// The rows that are left.
    let rows: RowSource
    private let tally: Tally?
    private let mixed: (@Sendable () -> (taken: Int, left: Int)?)?

    private final class Tally: Sendable {
        let counts = Mutex<RowStepCounts?>(nil)
    }

    /// Takes all rows of a source.
    init(_ source: RowSource) { (rows, tally, mixed) = (source, nil, nil) }

    /// Lets a dataset choose among the rows of a source, which a template renders; of those before them `counts` says
    /// what became, where there are some.
    init(
        _ source: RowSource,
        _ dataset: Dataset,
        template: CompiledTemplate?,
        from counts: RowStepCounts? = nil
    ) throws(DatasetError) {
        let steps: RowSteps
        do throws(FilterError) {
            steps = try RowSteps(dataset)
        } catch {
            throw DatasetError(.badFilter, "`filter`: \(error.message) (at character \(error.offset + 1))")
        }
        let tally = Tally()
        self.tally = steps.isEmpty ? nil : tally
        mixed = source.mixed
        rows = source.selecting(steps, by: RowIdentity(template), from: counts) { counts in
            tally.counts.withLock { $0 = counts }
        }
    }

    /// What each step took in the last pass over all rows; nothing where there are no steps.
    var counts: RowStepCounts? {
        let counts = tally?.counts.withLock { $0 }
        guard let (taken, left) = mixed?(), left > 0 else { return counts }
        var all = counts ?? RowStepCounts()
        all.rows = taken + left
        all.beyondWeights = left
        return all
    }

    /// The error of a source none of whose rows is left.
    func noRows() -> DatasetError {
        guard let counts, counts.rows > 0 else { return DatasetError(.noRows, "\(rows.name) has no rows") }
        let which = counts.rows == 1 ? "the only row" : "none of the \(counts.rows) rows"
        let fate = counts.rows == 1 ? "is left out by" : "passes"
        return DatasetError(.noRows, "\(which) of \(rows.name) \(fate) `filter`")
    }
}

extension RowSource {
    /// The error with the places that its rows have where they come from.
    func placing(_ error: DatasetError) -> DatasetError {
        guard error.code == .badRows, locate != nil else { return error }
        let lines = error.diagnostics.compactMap { $0.range?.start.line }
        guard let places = try? places(of: lines), places.count == lines.count else { return error }
        let known = Dictionary(zip(lines, places)) { first, _ in first }
        let placed = error.diagnostics.map { finding -> Diagnostic in
            guard let range = finding.range, let place = known[range.start.line] else { return finding }
            return place.moving(finding, range)
        }
        let sorted = placed.enumerated().sorted { one, other in
            let (first, second) = (one.element.range?.start.line ?? .max, other.element.range?.start.line ?? .max)
            return (first, one.offset) < (second, other.offset)
        }
        return DatasetError(error.code, error.message, diagnostics: sorted.map(\.element))
    }
}

extension RowPlace {
    /// A finding at this place, whose lines are those of another text.
    fileprivate func moving(_ finding: Diagnostic, _ range: SourceRange) -> Diagnostic {
        var moved = finding
        let keepsLine = !countsRows && isAsWritten
        let (start, end) = keepsLine ? (range.start.column, range.end.column) : (1, 1)
        moved.range = SourceRange(
            file: file,
            start: SourcePosition(line: number, column: start),
            end: SourcePosition(line: number, column: end)
        )
        if countsRows { moved.message = "row \(number): \(finding.message)" }
        if !keepsLine, let line = finding.sourceLine {
            moved.sourceLine = nil
            moved.notes = ["the row reads \(line)"] + finding.notes
        }
        return moved
    }
}
