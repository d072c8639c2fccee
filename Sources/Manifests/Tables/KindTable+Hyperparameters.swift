//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import YAML

extension KindTable {
    static let hyperparameters = KindTable(
        summary: "A profile of hyperparameters, which several FineTunes may share.",
        example: """
            apiVersion: ftops/v1
            kind: Hyperparameters
            metadata: {name: lora-default}
            spec: {num_train_epochs: 3, learning_rate: 1e-4, lora_rank: 8, pack_sequences: true}
            """,
        spec: MappingTable(hyperparameterRows)
    )

    /// Every spelling of every hyperparameter.
    static let hyperparameterRows = HyperparameterTable.fields.flatMap { field in
        [row(of: field, as: field.name)] + field.aliases.map { row(of: field, as: $0) }
    }

    private static func row(of field: HyperparameterField, as name: String) -> FieldRow {
        let summary = name == field.name ? field.summary : "The same as `\(field.name)`."
        var row = FieldRow(name, shape(field.kind), summary)
        row.standard = field.standard.map(value)
        row.instead = field.instead
        row.sameAs = name == field.name ? nil : field.name
        // What a default says is what happens anyway.
        row.only = field.isSupported ? nil : row.standard
        row.isSupported = field.isSupported || row.only != nil
        return row
    }

    private static func shape(_ kind: HyperparameterField.Kind) -> Shape {
        switch kind {
        case .bool: .bool
        case .integer(let range): .integer(range)
        case .number(let range): .number(.closed(range))
        case .choice(let words, let later): .choice(words, later: later)
        case .modules: .either(.text(.modules), .list(.text(.filled)))
        case .text: .text()
        }
    }

    private static func value(_ value: HyperparameterValue) -> YAMLValue {
        switch value {
        case .bool(let value): .bool(value)
        case .integer(let value): .int(value)
        case .number(let value): .double(value)
        case .text(let value): .string(value)
        case .list(let values): .sequence(values.map { .string($0) })
        }
    }
}

extension FieldRow {
    /// A hyperparameter's field in a sweep: what works nowhere but at its default is none that a sweep may go over.
    var swept: FieldRow {
        var row = FieldRow(name, .list(shape), summary)
        row.sameAs = sameAs
        row.instead = instead
        row.isSupported = isSupported && only == nil
        return row.nonempty.distinct
    }
}
