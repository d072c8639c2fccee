//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
internal import Resources

extension RenderedDataset {
    /// Looks at every row, which costs a pass over them; `questions` are rendered prompts that must not train. With a
    /// memory, rows that were looked at before some were added are not looked at again.
    package func inspect(questions: [String] = [], memory: InspectionMemory? = nil) throws -> DataFacts {
        let inspector = RowInspector(train.renderer.template, questions: questions)
        var state = try grown(inspector, questions, memory) ?? inspect(train, inspector, InspectionState(train.parting))
        if hasOwnValidation, let validation {
            state.tally.beginValidation()
            let unused = state.unused
            state = try inspect(validation, inspector, state)
            state.unused = unused
        }
        var facts = state.tally.finish()
        inspector.tell(state.findings, in: &facts)
        facts.unusedFields = state.unused.names
        guard facts.train.bytes == train.size, facts.validation.bytes == validation?.size ?? 0 else {
            throw DatasetError.changed(train.source.name)
        }
        return facts
    }

    private func inspect(
        _ rows: RenderedRows,
        _ inspector: RowInspector,
        _ state: InspectionState
    ) throws -> InspectionState {
        try InspectionPass(rows.source, rows.renderer, from: state).run(inspector)
    }

    /// What is found in a file of which the beginning may be known; nothing where its rows are not read on, or where it is
    /// not what it was when it was rendered.
    private func grown(
        _ inspector: RowInspector,
        _ questions: [String],
        _ memory: InspectionMemory?
    ) throws -> InspectionState? {
        guard let memory, let growth, let file = try GrowingFile(origin), file.size == growth.size else { return nil }
        let subject = InspectionMemory.Subject(
            dataset: dataset,
            template: train.renderer.template,
            questions: questions
        )
        let known = memory.recall(subject, growth.lines) ?? growth.start.flatMap { memory.recall(subject, $0) }
        var start = known ?? Standing(InspectionState(train.parting))
        start.state.tally.parting = train.parting
        let lines = try advance(start, file, to: growth.lines.length, inspector)
        guard lines.prefix == growth.lines else { return nil }
        if lines.length > start.length { memory.keep(lines, subject) }
        let all = try advance(lines, file, to: growth.size, inspector)
        return all.prefix.digest == sourceDigest ? all.state : nil
    }

    private func advance(
        _ standing: Standing<InspectionState>,
        _ file: GrowingFile,
        to end: Int,
        _ inspector: RowInspector
    ) throws -> Standing<InspectionState> {
        guard standing.length < end else { return standing }
        let stretch = file.stretch(standing.length..<end, standing.hasher)
        let template = train.renderer.template
        let selected = try SelectedSource(stretch.rows, dataset, template: template, from: standing.state.steps)
        var next = standing
        next.state = try InspectionPass(selected.rows, train.renderer, from: standing.state).run(inspector)
        next.state.steps = selected.counts
        (next.length, next.hasher) = (end, stretch.hasher)
        return next
    }
}
