//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Datasets
internal import JSON
internal import Planning
internal import Resources
internal import Runs

/// Looks at the rows of datasets once: what was found is kept in the cache by the digests of the rows, which a plan knows
/// without reading them.
///
/// It is a class as what was found for one fine-tune is told to all that train on the same rows.
final class DataInspection {
    private let notes: NoteFolder?
    private let memory: InspectionMemory?
    private var known: [ContentDigest: DataFacts] = [:]

    /// Makes an inspection that keeps what it finds in a folder, or nowhere, and goes on from what is known of files that
    /// have grown.
    init(notes: NoteFolder?, memory: InspectionMemory?) { (self.notes, self.memory) = (notes, memory) }

    /// What there is to say about a fine-tune's rows; nothing where they cannot be read any more.
    func facts(_ fineTune: ResolvedFineTune) -> DataFacts? {
        try? facts(fineTune.data, questions: Self.questions(fineTune))
    }

    /// What there is to say about rows; `questions` are rendered prompts that must not train.
    func facts(_ data: RenderedDataset, questions: [String] = []) throws -> DataFacts {
        let program = NoteFolder.program
        let key = Self.key(data, questions, program: program ?? "")
        if let facts = known[key] { return facts }
        let kept = program == nil ? nil : notes
        let recalled = kept?.recall(key.rawValue).flatMap(DataFacts.init(json:))
        let facts = try recalled ?? data.inspect(questions: questions, memory: memory)
        known[key] = facts
        if recalled == nil { kept?.keep(facts.json, under: key.rawValue) }
        return facts
    }

    private static func key(_ data: RenderedDataset, _ questions: [String], program: String) -> ContentDigest {
        let digests = [data.train.digest, data.validation?.digest, data.sourceDigest].map { $0?.rawValue ?? "none" }
        let texts = data.form.texts.flatMap { [$0.key, $0.text] }
        let parts = [program] + digests + ["\(texts.count)"] + texts + questions
        return .ofText(JSONText.compact(.array(parts.map { .string($0) })))
    }

    /// The evaluation's prompts, rendered as those of rows are.
    private static func questions(_ fineTune: ResolvedFineTune) -> [String] {
        guard let evaluation = fineTune.request.evaluation,
            let job = try? EvaluationJob.make(evaluation, template: fineTune.template, stop: [])
        else { return [] }
        return job.prompts.map(\.prompt)
    }
}
