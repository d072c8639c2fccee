//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// Renders a dataset through its template and splits it.
package struct DatasetRenderer: Sendable {
    private let dataset: Dataset
    private let renderer: RowRenderer
    private let form: Template.Form?

    /// Makes a renderer of a dataset by a template, or by none for rows that are rendered already.
    package init(_ dataset: Dataset, template: CompiledTemplate?) {
        self.dataset = dataset
        renderer = RowRenderer(template: template)
        form = template?.source
    }

    /// Renders all rows, or tells which cannot be used and renders nothing.
    ///
    /// `validation` is the file that a dataset names as `validation: {source: …}`.
    package func render(_ source: RowSource, validation: RowSource? = nil) throws(DatasetError) -> RenderedDataset {
        let (parting, sides) = try sides(of: source)
        let other = try validation.map { other throws(DatasetError) in try rendered(other, pin: validationPin) }
        let own = RenderedRows(source, renderer, parting: parting, side: .validation, counts: sides.validation)
        let chosen = other ?? own
        guard sides.train.rows > 0, let form = form ?? sides.form?.template else {
            throw DatasetError(
                .noRows,
                "\(chosen.count == 1 ? "the only row" : "all \(chosen.count) rows") of \(source.name) validate: none is "
                    + "left to train on; let fewer validate, or add rows"
            )
        }
        return RenderedDataset(
            train: RenderedRows(source, renderer, parting: parting, side: .train, counts: sides.train),
            validation: chosen.count > 0 ? chosen : nil,
            hasOwnValidation: other != nil,
            sourceDigest: sides.source,
            form: form
        )
    }

    /// Renders all rows and shows those of the given numbers, from 1.
    package func preview(_ source: RowSource, rows: ClosedRange<Int>) throws(DatasetError) -> [RowPreview] {
        let (parting, sides) = try sides(of: source)
        let count = sides.train.rows + sides.validation.rows
        return try RowPreview.rows(rows, of: source, count: count, renderer, parting)
    }

    /// All rows of a source that validates.
    private func rendered(_ source: RowSource, pin: ContentDigest?) throws(DatasetError) -> RenderedRows {
        let sides = try pass(source, .none)
        try Self.check(sides.source, pin, of: source)
        let counts = sides.train
        guard counts.rows > 0 else { throw Self.noRows(in: source) }
        return RenderedRows(source, renderer, parting: .none, side: .train, counts: counts)
    }

    private func sides(of source: RowSource) throws(DatasetError) -> (RowParting, RenderedSides) {
        let parting: RowParting
        switch dataset.validation {
        case .fraction(let share, let seed): parting = .fraction(share, seed: seed)
        case .rows(let count, let seed): parting = .numbers(try lowest(count, seed: seed, of: source))
        case .source, nil: parting = .none
        }
        let sides = try pass(source, parting)
        try Self.check(sides.source, dataset.sha256, of: source)
        guard sides.train.rows + sides.validation.rows > 0 else { throw Self.noRows(in: source) }
        return (parting, sides)
    }

    private var validationPin: ContentDigest? {
        if case .source(_, let pin) = dataset.validation { pin } else { nil }
    }

    private static func check(
        _ found: ContentDigest,
        _ pin: ContentDigest?,
        of source: RowSource
    ) throws(DatasetError) {
        guard let pin, pin != found else { return }
        throw DatasetError(
            .digestMismatch,
            "\(source.name) is not the file that sha256 pins: expected \(pin), found \(found); "
                + "restore the file, or let `ftops data update` write the new digest where the change is meant"
        )
    }

    /// The numbers of the rows of the lowest places, which only the whole source tells.
    private func lowest(_ count: Int, seed: Int, of source: RowSource) throws(DatasetError) -> [Int] {
        var lowest = LowestPlaces(count)
        let pass = try RenderingPass(source, renderer, parting: .none, noting: .places(seed: seed))
        _ = try described(source) { try pass.run { lowest.append($0.notes) } }
        return lowest.rows()
    }

    private func pass(_ source: RowSource, _ parting: RowParting) throws(DatasetError) -> RenderedSides {
        let pass = try RenderingPass(source, renderer, parting: parting)
        return try described(source) { try pass.run() }
    }

    private static func noRows(in source: RowSource) -> DatasetError {
        DatasetError(.noRows, "\(source.name) has no rows")
    }
}

private func described<Value>(_ source: RowSource, _ body: () throws -> Value) throws(DatasetError) -> Value {
    do { return try body() } catch { throw .unreadable(source.name, error) }
}
