//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import YAML

extension NodeDecoder {
    mutating func profile(_ spec: Field) -> Hyperparameters? {
        guard let fields = fields(spec) else { return nil }
        return Hyperparameters(values: hyperparameters(fields))
    }

    /// The hyperparameters among these fields, by canonical name.
    mutating func hyperparameters(_ fields: Fields) -> [String: HyperparameterValue] {
        var values: [String: HyperparameterValue] = [:]
        var spellings: [String: String] = [:]
        for (key, field) in zip(fields.keys, fields.all) {
            guard let parameter = HyperparameterTable.field(key) else { continue }
            if let other = spellings.updateValue(key, forKey: parameter.name) {
                report(
                    .conflictingFields,
                    "`\(key)` and `\(other)` are the same hyperparameter",
                    at: field.key ?? field.node
                )
                continue
            }
            // One that does not work at all has been reported, and its value checked.
            guard fields.table?.isSupported(key) ?? true else { continue }
            values[parameter.name] = hyperparameter(key, field)
            remember(field, as: "\(fields.field.path).\(parameter.name)")
        }
        return values
    }

    /// A value of a hyperparameter, by one of its spellings.
    mutating func hyperparameter(_ key: String, _ field: Field) -> HyperparameterValue? {
        guard let parameter = HyperparameterTable.field(key) else { return nil }
        let value = value(field, parameter.kind)
        // What a default says is what happens anyway.
        if !parameter.isSupported, value == nil || value != parameter.standard {
            notSupported(field, notes: parameter.instead.map { [$0] } ?? [])
        }
        return value
    }

    private mutating func value(_ field: Field, _ kind: HyperparameterField.Kind) -> HyperparameterValue? {
        switch kind {
        case .bool: bool(field).map { .bool($0) }
        case .integer: integer(field).map { .integer($0) }
        case .number: number(field).map { .number($0) }
        case .choice: choice(field).map { .text($0) }
        case .modules: modules(field)
        case .text: text(field).map { .text($0) }
        }
    }

    private mutating func modules(_ field: Field) -> HyperparameterValue? {
        let names: [String]
        if field.node.sequence != nil {
            guard let list = list(field, "a list", { decoder, field in decoder.filledText(field) }) else { return nil }
            names = list
        } else {
            guard let text = scalar(field, "`all-linear` or a list of modules", { $0.text }) else { return nil }
            if text == "all-linear" { return .text(text) }
            names = text.split(separator: ",", omittingEmptySubsequences: false).map { $0.filter { $0 != " " } }
        }
        let isModule: (String) -> Bool = { name in
            !name.isEmpty && name.utf8.allSatisfy { $0 == 0x2E || $0 == 0x5F || $0 == 0x2D || isAlphanumeric($0) }
        }
        guard !names.isEmpty, names.allSatisfy(isModule), Set(names).count == names.count else {
            report(.badValue, "`\(field.name)` takes `all-linear` or names of modules, each once", at: field.node)
            return nil
        }
        return .list(names)
    }
}

private func isAlphanumeric(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
}
