//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import YAML

// How the values that several files share are written and read.

extension Field {
    func digest() throws(FieldError) -> ContentDigest {
        try parsed("a SHA-256 of 64 hexadecimal digits") { ContentDigest(rawValue: $0) }
    }

    func fingerprint() throws(FieldError) -> Fingerprint {
        try parsed("a fingerprint, `v1-` and 64 hexadecimal digits") { Fingerprint(rawValue: $0) }
    }

    func timestamp() throws(FieldError) -> Timestamp {
        try parsed("a time such as 2026-11-24T10:00:00Z") { Timestamp($0) }
    }

    func model() throws(FieldError) -> ModelName { try parsed("owner/name") { ModelName($0) } }

    func name() throws(FieldError) -> ResourceName { ResourceName(rawValue: try text()) }

    func names() throws(FieldError) -> [ResourceName] {
        try items().map { item throws(FieldError) in try item.name() }
    }

    func texts() throws(FieldError) -> [String] {
        try items().map { item throws(FieldError) in try item.text() }
    }

    func backend() throws(FieldError) -> FineTune.Backend {
        let all = FineTune.Backend.allCases.map(\.rawValue).joined(separator: ", ")
        return try parsed("one of \(all)") { FineTune.Backend(rawValue: $0) }
    }

    func money() throws(FieldError) -> Money {
        let text = try text()
        if let exact = Money.signed(text) { return exact }
        let micros = (try number() * 1_000_000).rounded()
        guard let micros = Int64(exactly: micros) else { throw expected("an amount") }
        return Money(micros: micros)
    }
}

extension Money {
    static func signed(_ text: String) -> Money? {
        guard text.hasPrefix("-") else { return Money(text) }
        return Money(String(text.dropFirst())).map { Money(micros: -$0.micros) }
    }

    /// A plain decimal where a double has it exactly, else the decimal as a text.
    var yaml: YAMLValue {
        guard let double = Double(decimal), Money.signed(double.description) == self else { return .string(decimal) }
        return .double(double)
    }
}

extension YAMLValue {
    static func texts(_ texts: some Sequence<some CustomStringConvertible>) -> YAMLValue {
        .sequence(texts.map { .string($0.description) })
    }

    static func of(_ value: some CustomStringConvertible) -> YAMLValue { .string(value.description) }
}
