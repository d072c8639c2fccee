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
    private let memory: RenderingMemory?

    /// Makes a renderer of a dataset by a template, or by none for rows that are rendered already.
    package init(_ dataset: Dataset, template: CompiledTemplate?, memory: RenderingMemory? = nil) {
        self.dataset = dataset
        self.memory = memory
        renderer = RowRenderer(template: template)
        form = template?.source
    }

    /// Renders all rows, or tells which cannot be used and renders nothing.
    ///
    /// `validation` is the file that a dataset names as `validation: {source: …}`. What is remembered of both is not read
    /// again.
    package func render(_ source: RowSource, validation: RowSource? = nil) throws(DatasetError) -> RenderedDataset {
        let selected = try SelectedSource(source, dataset, template: renderer.template)
        let key = { memory?.key(dataset, renderer.template, source, validation) }
        let before = key()
        if let before, let facts = memory?.recall(before) { return rendered(facts, source, selected, validation) }
        let grown = try grown(source, validation)
        let facts = if let grown { grown } else { try facts(selected, validation) }
        // Only what did not change while it was read is remembered.
        if let before, key() == before { memory?.keep(facts, under: before) }
        return rendered(facts, source, selected, validation)
    }

    /// The facts of a file that is read on from where it ended before; nothing where it cannot be.
    private func grown(_ source: RowSource, _ validation: RowSource?) throws(DatasetError) -> RenderedFacts? {
        guard let memory, let path = source.path,
            let key = memory.standingKey(dataset, renderer.template, path: path)
        else { return nil }
        let found = try described(source) {
            try GrowingRendering(source, dataset, renderer, smallest: memory.smallest)?
                .run(from: memory.recallStanding(key)) { memory.keep($0, under: key) }
        }
        guard let (state, digest, growth) = found, state.train.rows > 0, dataset.sha256 ?? digest == digest,
            let form = form ?? state.forms.first?.template
        else { return nil }
        return RenderedFacts(
            train: state.train.counts,
            validation: state.validation.counts,
            other: try other(validation, beside: state.forms.first),
            source: digest,
            form: form,
            steps: state.steps,
            growth: growth
        )
    }

    private func facts(_ selected: SelectedSource, _ validation: RowSource?) throws(DatasetError) -> RenderedFacts {
        let parting = try parting(of: selected.rows)
        let sides = try sides(of: selected, parting, pin: dataset.sha256)
        let other = try other(validation, beside: sides.form)
        guard let form = form ?? sides.form?.template, let sourceDigest = sides.source else {
            throw selected.noRows()
        }
        try Self.checkRowsLeft(sides, of: selected.rows)
        return RenderedFacts(
            chosen: parting.numbers,
            train: sides.train,
            validation: sides.validation,
            other: other,
            source: sourceDigest,
            form: form,
            steps: selected.counts
        )
    }

    /// The rows of another source that validate: where those to train on have two answers, so have they.
    private func other(_ validation: RowSource?, beside form: RenderedRow.Form?) throws(DatasetError) -> RowCounts? {
        try validation.map { other throws(DatasetError) in
            let sides = try sides(of: SelectedSource(other), .none, pin: validationPin, blamesRows: true)
            if let form, let found = sides.form, (form == .preference) != (found == .preference) {
                let message =
                    "rows of \(other.name), to validate, have \(found.rawValue), "
                    + "and those to train on \(form.rawValue)"
                throw DatasetError(.badRows, message)
            }
            return sides.train
        }
    }

    private func rendered(
        _ facts: RenderedFacts,
        _ source: RowSource,
        _ selected: SelectedSource,
        _ validation: RowSource?
    ) -> RenderedDataset {
        let parting: RowParting =
            switch dataset.validation {
            case .fraction(let share, let seed): .fraction(share, seed: seed)
            case .rows: .numbers(facts.chosen ?? [])
            case .source, nil: .none
            }
        func rows(_ side: RowSide, _ counts: RowCounts) -> RenderedRows {
            RenderedRows(selected.rows, renderer, parting: parting, side: side, counts: counts)
        }
        let own = facts.validation.rows > 0 ? rows(.validation, facts.validation) : nil
        let other = validation.flatMap { validation in
            facts.other.map { RenderedRows(validation, renderer, parting: .none, side: .train, counts: $0) }
        }
        return RenderedDataset(
            train: rows(.train, facts.train),
            validation: other ?? own,
            hasOwnValidation: other != nil,
            sourceDigest: facts.source,
            form: facts.form,
            steps: facts.steps,
            growth: facts.growth,
            origin: source,
            dataset: dataset
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
        let selected =
            try other.map { SelectedSource($0) }
            ?? SelectedSource(source, dataset, template: renderer.template)
        let source = selected.rows
        let parting = try other == nil ? parting(of: source) : .none
        let pin = other == nil ? dataset.sha256 : validationPin
        let taken = other == nil ? side : .train
        let wanted = RenderingPass.Wanted(source: pin != nil && source.origin == nil, blamesRows: other != nil)
        let pass = try RenderingPass(source, renderer, parting: parting, wanted: wanted)
        var sides: RenderedSides
        do {
            sides = try pass.run { block in
                if block[taken].count > 0 { try output(block[taken].bytes[...]) }
            }
        } catch let error as DatasetError {
            throw source.placing(error)
        }
        if pin != nil, source.origin != nil { sides.source = try source.originDigest() }
        try Self.check(sides, pin, of: selected)
        if other == nil { try Self.checkRowsLeft(sides, of: source) }
        return sides[taken]
    }

    /// Renders all rows and shows those of the given numbers, from 1.
    package func preview(_ source: RowSource, rows: ClosedRange<Int>) throws(DatasetError) -> DatasetPreview {
        let selected = try SelectedSource(source, dataset, template: renderer.template)
        let source = selected.rows
        let parting = try parting(of: source)
        let sides = try sides(of: selected, parting, pin: dataset.sha256)
        let count = sides.train.rows + sides.validation.rows
        return try described(source) {
            let rows = try RowPreview.rows(rows, of: source, count: count, renderer, parting)
            return DatasetPreview(rows: rows, count: count, steps: selected.counts)
        }
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
        of selected: SelectedSource,
        _ parting: RowParting,
        pin: ContentDigest?,
        blamesRows: Bool = false
    ) throws(DatasetError) -> RenderedSides {
        let source = selected.rows
        let wanted = RenderingPass.Wanted(tokens: true, source: source.origin == nil, blamesRows: blamesRows)
        let pass = try RenderingPass(source, renderer, parting: parting, wanted: wanted)
        var sides = try described(source) { try pass.run() }
        if source.origin != nil { sides.source = try described(source) { try source.originDigest() } }
        try Self.check(sides, pin, of: selected)
        return sides
    }

    private var validationPin: ContentDigest? {
        if case .source(_, let pin) = dataset.validation { pin } else { nil }
    }

    private static func check(
        _ sides: RenderedSides,
        _ pin: ContentDigest?,
        of selected: SelectedSource
    ) throws(DatasetError) {
        if let pin, let found = sides.source, pin != found {
            throw DatasetError(
                .digestMismatch,
                "\(selected.rows.name) is not the file that sha256 pins: expected \(pin), found \(found); "
                    + "restore the file, or let `ftops data update` write the new digest where the change is meant"
            )
        }
        guard sides.train.rows + sides.validation.rows > 0 else { throw selected.noRows() }
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
}

private func described<Value>(_ source: RowSource, _ body: () throws -> Value) throws(DatasetError) -> Value {
    do { return try body() } catch { throw source.placing(.unreadable(source.name, error)) }
}
