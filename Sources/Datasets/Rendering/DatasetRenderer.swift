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
        let parting = try parting(of: source)
        let sides = try sides(of: source, parting, pin: dataset.sha256)
        let other = try validation.map { other throws(DatasetError) in
            let counts = try self.sides(of: other, .none, pin: validationPin).train
            return RenderedRows(other, renderer, parting: .none, side: .train, counts: counts)
        }
        let own = RenderedRows(source, renderer, parting: parting, side: .validation, counts: sides.validation)
        let chosen = other ?? own
        guard let form = form ?? sides.form?.template, let sourceDigest = sides.source else {
            throw Self.noRows(in: source)
        }
        try Self.checkRowsLeft(sides, of: source)
        return RenderedDataset(
            train: RenderedRows(source, renderer, parting: parting, side: .train, counts: sides.train),
            validation: chosen.count > 0 ? chosen : nil,
            hasOwnValidation: other != nil,
            sourceDigest: sourceDigest,
            form: form
        )
    }

    /// Renders the rows of a side in one pass, each block handed over as it comes.
    ///
    /// What is wrong with a row may show when others have been handed over: for what is thrown away then.
    package func export(
        _ side: RowSide,
        of source: RowSource,
        validation: RowSource? = nil,
        to output: (ArraySlice<UInt8>) throws -> Void
    ) throws -> RowCounts {
        let other = side == .validation ? validation : nil
        let source = other ?? source
        let parting = try other == nil ? parting(of: source) : .none
        let pin = other == nil ? dataset.sha256 : validationPin
        let taken = other == nil ? side : .train
        let wanted = RenderingPass.Wanted(source: pin != nil)
        let sides = try RenderingPass(source, renderer, parting: parting, wanted: wanted).run { block in
            if block[taken].count > 0 { try output(block[taken].bytes[...]) }
        }
        try Self.check(sides, pin, of: source)
        if other == nil { try Self.checkRowsLeft(sides, of: source) }
        return sides[taken]
    }

    /// Renders all rows and shows those of the given numbers, from 1.
    package func preview(_ source: RowSource, rows: ClosedRange<Int>) throws(DatasetError) -> [RowPreview] {
        let parting = try parting(of: source)
        let sides = try sides(of: source, parting, pin: dataset.sha256)
        let count = sides.train.rows + sides.validation.rows
        return try RowPreview.rows(rows, of: source, count: count, renderer, parting)
    }

    private func parting(of source: RowSource) throws(DatasetError) -> RowParting {
        switch dataset.validation {
        case .fraction(let share, let seed): .fraction(share, seed: seed)
        case .rows(let count, let seed): .numbers(try lowest(count, seed: seed, of: source))
        case .source, nil: .none
        }
    }

    /// All that is known of the rows of a source, of which there are some.
    private func sides(
        of source: RowSource,
        _ parting: RowParting,
        pin: ContentDigest?
    ) throws(DatasetError) -> RenderedSides {
        let wanted = RenderingPass.Wanted(tokens: true, source: true)
        let pass = try RenderingPass(source, renderer, parting: parting, wanted: wanted)
        let sides = try described(source) { try pass.run() }
        try Self.check(sides, pin, of: source)
        return sides
    }

    private var validationPin: ContentDigest? {
        if case .source(_, let pin) = dataset.validation { pin } else { nil }
    }

    private static func check(
        _ sides: RenderedSides,
        _ pin: ContentDigest?,
        of source: RowSource
    ) throws(DatasetError) {
        if let pin, let found = sides.source, pin != found {
            throw DatasetError(
                .digestMismatch,
                "\(source.name) is not the file that sha256 pins: expected \(pin), found \(found); "
                    + "restore the file, or let `ftops data update` write the new digest where the change is meant"
            )
        }
        guard sides.train.rows + sides.validation.rows > 0 else { throw noRows(in: source) }
    }

    private static func checkRowsLeft(_ sides: RenderedSides, of source: RowSource) throws(DatasetError) {
        guard sides.train.rows == 0 else { return }
        let count = sides.validation.rows
        throw DatasetError(
            .noRows,
            "\(count == 1 ? "the only row" : "all \(count) rows") of \(source.name) validate: none is "
                + "left to train on; let fewer validate, or add rows"
        )
    }

    /// The numbers of the rows of the lowest places, which only the whole source tells.
    private func lowest(_ count: Int, seed: Int, of source: RowSource) throws(DatasetError) -> [Int] {
        var lowest = LowestPlaces(count)
        let wanted = RenderingPass.Wanted(note: .places(seed: seed))
        let pass = try RenderingPass(source, renderer, parting: .none, wanted: wanted)
        _ = try described(source) { try pass.run { lowest.append($0.notes) } }
        return lowest.rows()
    }

    private static func noRows(in source: RowSource) -> DatasetError {
        DatasetError(.noRows, "\(source.name) has no rows")
    }
}

private func described<Value>(_ source: RowSource, _ body: () throws -> Value) throws(DatasetError) -> Value {
    do { return try body() } catch { throw .unreadable(source.name, error) }
}
