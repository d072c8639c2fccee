//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import YAML

extension NodeDecoder {
    /// The value of a scalar that `parse` takes; anything else is reported with what was expected.
    mutating func scalar<Value>(
        _ field: Field?,
        _ expected: String,
        _ parse: (YAMLNode.Scalar) -> Value?
    ) -> Value? {
        guard let field else { return nil }
        if let scalar = field.node.scalar, let value = parse(scalar) { return value }
        let isQuoted = field.node.scalar.map { scalar in
            scalar.style == .quoted && parse(YAMLNode.Scalar(text: scalar.text)) != nil
        }
        wrongType(field, expected, notes: isQuoted ?? false ? ["write it without quotes"] : [])
        return nil
    }

    /// A text: any scalar, whatever it looks like, that other programs read as a whole.
    mutating func text(_ field: Field?) -> String? {
        let text = scalar(field, "a text") { $0.text.isEmpty && $0.style == .plain ? nil : $0.text }
        guard let field, let text, text.utf8.contains(0) else { return text }
        report(.badValue, "`\(field.name)` must not hold a NUL character", at: field.node)
        return nil
    }

    /// A text that says something.
    mutating func filledText(_ field: Field?) -> String? {
        guard let field, let text = text(field) else { return nil }
        if text.isEmpty { report(.badValue, "`\(field.name)` must not be empty", at: field.node) }
        return text.isEmpty ? nil : text
    }

    mutating func bool(_ field: Field?) -> Bool? {
        if let field, let scalar = field.node.scalar, let word = Self.otherBools[scalar.text.lowercased()],
            CoreSchema.value(of: scalar)?.bool == nil
        {
            wrongType(field, "`true` or `false`", notes: ["write `\(word)`"])
            return nil
        }
        return scalar(field, "`true` or `false`") { CoreSchema.value(of: $0)?.bool }
    }

    /// What other readers of YAML take for a truth value.
    private static let otherBools = [
        "yes": true, "on": true, "y": true, "true": true, "no": false, "off": false, "n": false, "false": false,
    ]

    /// A whole number in the range that the field's shape has.
    mutating func integer(_ field: Field?) -> Int? {
        guard let field, case .integer(let range) = field.shape else { return nil }
        let value = scalar(field, "a whole number") { scalar in
            let value = CoreSchema.value(of: scalar)
            return value?.int.map(Double.init) ?? value?.double.flatMap { $0 == $0.rounded() && $0.isFinite ? $0 : nil }
        }
        guard let value else { return nil }
        let exact = field.node.scalar.flatMap { CoreSchema.value(of: $0)?.int } ?? Int(exactly: value)
        if let exact, range.contains(exact) { return exact }
        if value > 0, range.upperBound >= Int(Int32.max), exact.map({ $0 > range.upperBound }) ?? true {
            outOfRange(field, "at most \(range.upperBound)")
        } else if range.upperBound >= Int(Int32.max) {
            outOfRange(field, "at least \(range.lowerBound)")
        } else {
            outOfRange(field, "between \(range.lowerBound) and \(range.upperBound)")
        }
        return nil
    }

    /// A number in the range that the field's shape has.
    mutating func number(_ field: Field?) -> Double? {
        guard let field, case .number(let range) = field.shape else { return nil }
        let value = scalar(field, "a number") { CoreSchema.value(of: $0)?.double.flatMap { $0.isFinite ? $0 : nil } }
        guard let value, !range.contains(value) else { return value }
        outOfRange(field, range.words)
        return nil
    }

    mutating func duration(_ field: Field?) -> Duration? {
        scalar(field, "a duration such as `90s`, `10m` or `1h30m`") { Quantity.duration($0.text) }
    }

    mutating func size(_ field: Field?) -> Double? {
        let expected = "a number of parameters such as `270M` or `7B`"
        if let field, let text = field.node.scalar?.text, Quantity.size(text) == nil,
            Quantity.size(text.uppercased()) != nil
        {
            wrongType(field, expected, notes: ["did you mean `\(text.uppercased())`?"])
            return nil
        }
        return scalar(field, expected) { Quantity.size($0.text) }
    }

    /// An amount of memory, in bytes.
    mutating func memory(_ field: Field?) -> Int? {
        let expected = "an amount of memory such as `24GB` or `80GiB`"
        if let field, let meant = field.node.scalar.flatMap({ Quantity.memoryMeant(by: $0.text) }) {
            wrongType(field, expected, notes: ["did you mean `\(meant)`?"])
            return nil
        }
        return scalar(field, expected) { Quantity.memory($0.text) }
    }

    mutating func money(_ field: Field?) -> Money? {
        scalar(field, "an amount of dollars such as `30.00`") { Money($0.text) }
    }

    /// A SHA-256. Another text is something that a command may replace.
    mutating func digest(_ field: Field?) -> ContentDigest? {
        guard let field, let text = text(field) else { return nil }
        if let digest = ContentDigest(rawValue: text) { return digest }
        let isUpper = ContentDigest(rawValue: text.lowercased()) != nil
        let notes = isUpper ? ["write it in lower case"] : []
        reportGap(
            .badValue,
            "`\(field.name)` takes 64 hexadecimal digits, found `\(excerpt(text))`",
            at: field.node,
            notes: notes
        )
        return nil
    }

    /// One of the words that the field's shape has.
    mutating func choice<Words: RawRepresentable>(_ field: Field?, _: Words.Type) -> Words?
    where Words.RawValue == String {
        choice(field).flatMap { Words(rawValue: $0) }
    }

    /// One of the words that the field's shape has; one of those that do not work yet is reported.
    mutating func choice(_ field: Field?) -> String? {
        guard let field, case .choice(let words, let later) = field.shape, let text = text(field) else { return nil }
        if words.contains(text) { return text }
        if later.contains(text) {
            notSupported(field, "\(field.name): \(text)")
            return nil
        }
        let notes = Suggestion.nearest(text, among: words).map { ["did you mean `\($0)`?"] } ?? []
        let list = words.joined(separator: ", ")
        report(
            .badValue,
            "`\(field.name)` \(words.count == 1 ? "takes" : "is one of") \(list); found `\(excerpt(text))`",
            at: field.node,
            notes: notes
        )
        return nil
    }

    /// The name of a resource of one of the kinds that the field's shape has.
    mutating func reference(_ field: Field?) -> ResourceName? {
        guard let field, let text = filledText(field) else { return nil }
        if let kinds = field.shape.referenced { refer(to: kinds, text, at: field.node) }
        return ResourceName(rawValue: text)
    }

    private mutating func outOfRange(_ field: Field, _ range: String) {
        let found = excerpt(field.node.scalar?.text ?? "")
        report(.outOfRange, "`\(field.name)` must be \(range), found \(found)", at: field.node)
    }
}
