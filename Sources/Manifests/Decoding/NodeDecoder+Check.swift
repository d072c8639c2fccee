//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import YAML

extension NodeDecoder {
    /// Reports that a field is not supported yet, at its key, or that its value is not.
    mutating func notSupported(_ field: Field, _ what: String? = nil, notes: [String] = []) {
        report(
            .notSupportedYet,
            "not supported yet: \(what ?? field.name)",
            at: what == nil ? field.key ?? field.node : field.node,
            notes: notes
        )
    }

    /// Checks the shape of a field that nothing reads yet.
    mutating func check(_ field: Field) {
        switch field.shape {
        case .text: _ = text(field)
        case .bool: _ = bool(field)
        case .integer: _ = integer(field)
        case .number: _ = number(field)
        case .size: _ = size(field)
        case .memory: _ = memory(field)
        case .money: _ = money(field)
        case .duration: _ = duration(field)
        case .choice: _ = choice(field)
        case .reference: _ = reference(field)
        case .list: _ = list(field) { decoder, field in decoder.check(field) }
        case .mapping, .table: for inner in fields(field)?.all ?? [] { check(inner) }
        case .texts: _ = texts(field)
        case .secret: secret(field)
        case .either(let one, let other): check(field.with(field.node.scalar == nil ? other : one))
        }
    }

    private mutating func secret(_ field: Field) {
        guard field.node.mapping != nil else { return secretInTheClear(field) }
        guard let fields = fields(field), let name = fields["env"] else { return }
        let isVariable = name.node.scalar?.text.utf8.allSatisfy { byte in
            (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5F
        }
        if isVariable ?? true { _ = filledText(name) } else { secretInTheClear(name) }
    }
}
