//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import YAML

/// What a field takes: the one description that decoding, schema and reference page are made from.
indirect enum Shape: Sendable {
    /// A text, which other programs read as a whole.
    case text(TextFormat = .any)
    case bool
    case integer(ClosedRange<Int>)
    case number(NumberRange)
    /// A number of parameters such as `7B`.
    case size
    /// An amount of memory such as `24GB`.
    case memory
    /// An amount of US dollars.
    case money
    case duration
    /// One of these words; `later` are those that are not supported yet.
    case choice([String], later: [String] = [])
    /// The name of a resource of one of these kinds.
    case reference([ResourceKind])
    case list(Shape)
    /// A mapping of known fields.
    case mapping(MappingTable)
    /// A mapping of any keys to texts, of which an empty one is one too.
    case texts
    /// A mapping of any keys.
    case table(Shape)
    /// A secret, which the manifest only names: `{env: NAME}`.
    case secret
    /// Either of two.
    case either(Shape, Shape)

    /// One of the words of an enumeration.
    static func choice<Words: RawRepresentable & CaseIterable>(of words: Words.Type, later: [String] = []) -> Shape
    where Words.RawValue == String {
        .choice(words.allCases.map(\.rawValue).filter { !later.contains($0) }, later: later)
    }

    /// The shapes of which it is one, itself in most cases.
    var alternatives: [Shape] {
        if case .either(let one, let other) = self { one.alternatives + other.alternatives } else { [self] }
    }

    /// The known fields, of a mapping that has some.
    var mapping: MappingTable? {
        if case .mapping(let table) = self { return table }
        return alternatives.lazy.compactMap { shape in
            switch shape {
            case .mapping(let table): table
            case .secret: Self.secretName
            default: nil
            }
        }.first
    }

    /// What a manifest says of a secret.
    private static let secretName = MappingTable([
        FieldRow("env", .text(TextFormat("variable", pattern: "^[A-Z0-9_]+$")), "The variable that has it.").required
    ])

    /// The kinds of resources that a name may be of; nothing where no name is taken.
    var referenced: [ResourceKind]? {
        if case .reference(let kinds) = self { return kinds }
        guard case .either(let one, let other) = self else { return nil }
        return one.referenced ?? other.referenced
    }

    /// What a list's elements, or the values of a mapping of any keys, take.
    var element: Shape? {
        if case .mapping = self { return nil }
        return alternatives.lazy.compactMap { shape in
            switch shape {
            case .list(let element), .table(let element): element
            case .texts: .text()
            default: nil
            }
        }.first
    }
}

/// Which numbers a field takes.
struct NumberRange: Sendable, Hashable {
    /// The smallest, or what all are greater than.
    let lower: Double
    /// The greatest, or what all are smaller than; nothing where any greater one will do.
    let upper: Double?
    /// Whether the bounds themselves are left out.
    let isOpen: Bool

    /// From one number up to another, both included.
    static func closed(_ range: ClosedRange<Double>) -> NumberRange {
        NumberRange(lower: range.lowerBound, upper: range.upperBound, isOpen: false)
    }

    /// More than nothing.
    static let positive = NumberRange(lower: 0, upper: nil, isOpen: true)
    /// A part of a whole, neither nothing nor all.
    static let fraction = NumberRange(lower: 0, upper: 1, isOpen: true)

    /// Whether a number is one of these.
    func contains(_ value: Double) -> Bool {
        isOpen ? value > lower && upper.map { value < $0 } ?? true : value >= lower && upper.map { value <= $0 } ?? true
    }

    /// Which they are, as a sentence goes on after `must be`.
    var words: String {
        switch (isOpen, upper) {
        case (true, nil): "more than \(Self.text(lower))"
        case (true, let upper?): "more than \(Self.text(lower)) and less than \(Self.text(upper))"
        case (false, nil): "at least \(Self.text(lower))"
        case (false, let upper?): "between \(Self.text(lower)) and \(Self.text(upper))"
        }
    }

    private static func text(_ value: Double) -> String { Int(exactly: value).map { String($0) } ?? String(value) }
}
