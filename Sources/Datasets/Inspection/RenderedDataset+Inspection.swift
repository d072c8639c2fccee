//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Resources

extension RenderedDataset {
    /// Looks at every row, which costs a pass over them; `questions` are rendered prompts that must not train.
    package func inspect(questions: [String] = []) throws -> DataFacts {
        let first = try InspectionPass(train, RowTally(train.parting))
        var (tally, inspector, unused) = try first.run(RowInspector(train.renderer.template, questions: questions))
        if hasOwnValidation, let validation {
            tally.beginValidation()
            (tally, inspector, _) = try InspectionPass(validation, tally).run(inspector)
        }
        var facts = tally.finish()
        inspector.finish(&facts)
        facts.unusedFields = unused
        guard facts.train.bytes == train.size, facts.validation.bytes == validation?.size ?? 0 else {
            throw DatasetError(.changed, "\(train.source.name) was changed while it was read: run this again")
        }
        return facts
    }
}
