//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import YAML

/// One field of a mapping: the one place that says its name, what it takes and what it means.
struct FieldRow: Sendable {
    /// The key.
    let name: String
    /// What it takes.
    let shape: Shape
    /// What it does, in a sentence for the schema and the reference page.
    let summary: String
    /// Whether it has to be there.
    var isRequired = false
    /// The value where none is written; nothing where there is no default, or the summary says what then happens.
    var standard: YAMLValue?
    /// Whether it works. One that does not is reported where it is written, its shape is checked all the same, so that
    /// what is written today will not break later, and no decoder sees it.
    var isSupported = true
    /// What says the same, for one that does not work.
    var instead: String?
    /// The only value that works, for one of which others do not.
    var only: YAMLValue?
    /// The field that this one is another spelling of.
    var sameAs: String?
    /// Fields of which one has to be there, for this one to mean anything.
    var goesWith: [String] = []
    /// A field that has to be there beside this one.
    var needs: String?
    /// A field that has to be there where this one is an address.
    var needsIfRemote: String?
    /// How many elements a list has at least, and members a mapping.
    var least = 0
    /// Whether no two elements of a list are the same.
    var isDistinct = false

    init(_ name: String, _ shape: Shape, _ summary: String) {
        self.name = name
        self.shape = shape
        self.summary = summary
    }

    /// The field, which has to be there.
    var required: FieldRow { changed { $0.isRequired = true } }
    /// The field, which does not work yet.
    var notYet: FieldRow { changed { $0.isSupported = false } }

    /// The field with its default.
    func standard(_ value: YAMLValue) -> FieldRow { changed { $0.standard = value } }
    /// The field, which means something beside one of these only.
    func with(_ names: String...) -> FieldRow { changed { $0.goesWith = names } }

    /// The field, which means something beside another one only that has to be there too.
    func needing(_ name: String) -> FieldRow { changed { $0.needs = name } }

    /// The field, which needs another one where it is an address.
    func needingIfRemote(_ name: String) -> FieldRow { changed { $0.needsIfRemote = name } }

    /// The field, which has one element or member at least.
    var nonempty: FieldRow { changed { $0.least = 1 } }

    /// The field, no two elements of which are the same.
    var distinct: FieldRow { changed { $0.isDistinct = true } }

    private func changed(_ change: (inout FieldRow) -> Void) -> FieldRow {
        var copy = self
        change(&copy)
        return copy
    }
}

/// Fields of which some exclude each other.
struct FieldChoice: Sendable {
    /// Sets of fields of which one is there, or at least one where the choice does not exclude.
    let alternatives: [[String]]
    /// Whether exactly one of them is there.
    let isExclusive: Bool
    /// What the choice says, as messages begin.
    let purpose: String

    /// Exactly one of these fields.
    static func one(of names: String..., saying purpose: String) -> FieldChoice {
        FieldChoice(alternatives: names.map { [$0] }, isExclusive: true, purpose: purpose)
    }
}

/// The fields of a mapping, in the order in which the reference page has them.
///
/// There are few tables, and thousands of documents that are read by them: nothing of a table is copied for that.
final class MappingTable: Sendable {
    /// The fields.
    let rows: [FieldRow]
    /// Which of them exclude each other.
    let choice: FieldChoice?
    /// The keys, in order.
    let names: [String]
    /// The keys that have to be there.
    let required: [String]
    /// Fields that mean something beside others only.
    let dependent: [FieldRow]
    /// All fields that exclude each other.
    let rivals: [String]
    private let indices: [String: Int]

    init(_ rows: [FieldRow], choice: FieldChoice? = nil) {
        self.rows = rows
        self.choice = choice
        names = rows.map(\.name)
        required = rows.filter(\.isRequired).map(\.name)
        dependent = rows.filter { !$0.goesWith.isEmpty }
        rivals = choice?.alternatives.flatMap { $0 } ?? []
        indices = Dictionary(rows.enumerated().map { ($1.name, $0) }) { first, _ in first }
    }

    /// The field of a key.
    subscript(name: String) -> FieldRow? { indices[name].map { rows[$0] } }

    /// The place of a key's field among the rows.
    func index(of name: String) -> Int? { indices[name] }

    /// Whether a key's field works; any other key does.
    func isSupported(_ name: String) -> Bool { indices[name].map { rows[$0].isSupported } ?? true }
}
