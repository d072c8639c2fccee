//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import Testing

@Suite("The table of hyperparameters")
struct HyperparameterTableTests {
    @Test("has each name and alias once, and finds the field by it")
    func names() {
        let names = HyperparameterTable.fields.flatMap { [$0.name] + $0.aliases }
        #expect(Set(names).count == names.count)
        for field in HyperparameterTable.fields {
            for name in [field.name] + field.aliases { #expect(HyperparameterTable.field(name) == field) }
        }
        #expect(HyperparameterTable.field("lr") == nil)
    }

    @Test("has defaults of the field's type and range", arguments: HyperparameterTable.fields)
    func defaults(_ field: HyperparameterField) {
        switch (field.kind, field.standard) {
        case (_, nil), (.bool, .bool): break
        case (.integer(let range), .integer(let value)): #expect(range.contains(value))
        case (.number(let range), .number(let value)): #expect(range.contains(value))
        case (.choice(let words, _), .text(let word)): #expect(words.contains(word))
        case (.modules, .text(let word)): #expect(word == "all-linear")
        default: Issue.record("\(field.name) has a default of another type")
        }
    }

    @Test("says in a sentence what each does", arguments: HyperparameterTable.fields)
    func summaries(_ field: HyperparameterField) {
        #expect(field.summary.hasSuffix("."))
        #expect(field.summary.first?.isUppercase == true || field.summary.hasPrefix("AdamW"))
    }

    @Test("resolves what is set over the defaults, and leaves out what nobody sets")
    func resolved() {
        let values = HyperparameterTable.resolved(["lora_rank": .integer(16), "max_steps": .integer(20)])
        #expect(values["lora_rank"] == .integer(16))
        #expect(values["max_steps"] == .integer(20))
        #expect(values["learning_rate"] == .number(1e-4))
        #expect(values["save_steps"] == nil)
        #expect(values["peft_method"] == .text("lora"))
    }
}
