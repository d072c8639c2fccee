//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import YAML

/// The shape of a field whose part is not built yet: checked, so that what is written today will not break later.
indirect enum Shape: Sendable {
    case text
    case bool
    case integer
    case number
    case money
    case duration
    case choice([String])
    case list(Shape)
    /// A mapping of these keys.
    case mapping([String: Shape])
    /// A mapping of any keys.
    case table(Shape)
    /// A secret, which the manifest only names: `{env: NAME}`.
    case secret

    /// Who is told, and of what.
    static let notifications = Shape.list(
        .mapping(["webhook": .secret, "on": .list(.choice(["started", "completed", "failed", "recovered"]))])
    )
}

extension NodeDecoder {
    /// Reports each of these fields that is set as not supported yet, and what is wrong with its shape.
    mutating func unsupported(_ shapes: [String: Shape], in fields: Fields) {
        for key in fields.keys {
            guard let shape = shapes[key], let field = fields[key] else { continue }
            notSupported(field)
            check(field, shape)
        }
    }

    /// Reports that a field is not supported yet, at its key.
    mutating func notSupported(_ field: Field, _ what: String? = nil, notes: [String] = []) {
        report(
            .notSupportedYet,
            "not supported yet: \(what ?? field.name)",
            at: what == nil ? field.key ?? field.node : field.node,
            notes: notes
        )
    }

    private mutating func check(_ field: Field, _ shape: Shape) {
        switch shape {
        case .text: _ = text(field)
        case .bool: _ = bool(field)
        case .integer: _ = integer(field, in: 0...Int.max)
        case .number: _ = finiteNumber(field)
        case .money: _ = money(field)
        case .duration: _ = duration(field)
        case .choice(let words): _ = choice(field, among: words)
        case .list(let element):
            _ = list(field) { decoder, field in decoder.check(field, element) }
        case .mapping(let shapes):
            guard let fields = fields(field, known: shapes.keys.sorted()) else { return }
            for key in fields.keys { if let inner = fields[key], let shape = shapes[key] { check(inner, shape) } }
        case .secret: secret(field)
        case .table(let element):
            for inner in fields(field)?.all ?? [] { check(inner, element) }
        }
    }

    private mutating func secret(_ field: Field) {
        guard field.node.mapping != nil else { return secretInTheClear(field) }
        guard let fields = fields(field, known: ["env"]), let name = required("env", in: fields) else { return }
        let isVariable = name.node.scalar?.text.utf8.allSatisfy { byte in
            (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5F
        }
        if isVariable ?? true { _ = filledText(name) } else { secretInTheClear(name) }
    }
}
