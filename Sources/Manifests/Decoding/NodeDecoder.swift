//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import YAML

/// Decodes the nodes of one document, and keeps what it finds wrong and where everything stands.
struct NodeDecoder: Sendable {
    /// Findings of one document after which no more of it is read: it is no manifest then.
    private static let findingLimit = ManifestLoader.findingLimit + 1

    /// The text of the document's file.
    let source: SourceText
    private var findings: [Diagnostic] = []
    private var gaps: [Diagnostic] = []
    /// What must not be shown of the text.
    private(set) var secrets: [SourceRange] = []
    /// Where each value stands, by its path.
    private(set) var places = FieldPlaces(capacity: 16)
    /// Names that stand for other resources.
    private(set) var names: [Name] = []

    /// A name that stands for another resource, of one of these kinds.
    struct Name: Sendable {
        let targets: [ResourceKind]
        let text: String
        let range: SourceRange
    }

    init(_ source: SourceText) { self.source = source }

    /// Whether any finding is an error.
    var hasErrors: Bool { findings.contains { $0.severity == .error } }

    /// What is wrong.
    var diagnostics: [Diagnostic] {
        (findings + gaps).map { finding in
            guard let line = finding.range?.start.line, let text = finding.sourceLine else { return finding }
            var copy = finding
            copy.sourceLine = Place.masked(text, line: line, column: finding.sourceColumn, hiding: secrets)
            return copy
        }
    }

    mutating func report(_ id: Diagnostic.ID, _ message: String, at node: YAMLNode, notes: [String] = []) {
        findings.append(source.place(node).diagnostic(id, message, notes: notes))
    }

    /// Reports what a resource lacks although it can be read; the resource stays one that commands may complete.
    mutating func reportGap(_ id: Diagnostic.ID, _ message: String, at node: YAMLNode, notes: [String]) {
        gaps.append(source.place(node).diagnostic(id, message, notes: notes))
    }

    /// How much is wrong.
    var findingCount: Int { findings.count + gaps.count }

    private var isFull: Bool { findingCount >= Self.findingLimit }

    /// Reports a value of another type; one that is not there at all, at its key.
    mutating func wrongType(_ field: Field, _ expected: String, notes: [String] = []) {
        let isNothing = field.node.scalar.map { $0.text.isEmpty && $0.style == .plain } ?? false
        let node = isNothing ? field.key ?? field.node : field.node
        report(.wrongType, "\(field.label) takes \(expected), found \(found(field.node))", at: node, notes: notes)
    }

    /// Reports a secret that stands in the text itself, and hides it from all findings.
    mutating func secretInTheClear(_ field: Field, _ message: String? = nil) {
        let range = source.range(field.node)
        secrets.append(range)
        let usual = "\(field.label) takes {env: NAME}; a secret does not belong into a manifest"
        report(.secretInTheClear, message ?? usual, at: field.node)
    }

    /// Notes that a field also answers to another path, such as a hyperparameter's canonical name.
    mutating func remember(_ field: Field, as path: String) { places.note(path, at: source.range(field.node)) }

    mutating func refer(to targets: [ResourceKind], _ name: String, at node: YAMLNode) {
        names.append(Name(targets: targets, text: name, range: source.range(node)))
    }

    // MARK: Mappings

    /// The fields of a mapping that work. Those that do not work yet, are not known or lack are reported.
    mutating func fields(_ field: Field?) -> Fields? {
        guard let field else { return nil }
        guard let pairs = field.node.mapping else {
            wrongType(field, "a mapping")
            return nil
        }
        var fields = Fields(field, count: pairs.count)
        for pair in pairs where !isFull { add(pair, to: &fields) }
        for name in fields.table?.required ?? [] where !fields.has(name) { _ = required(name, in: fields) }
        return fields
    }

    private mutating func add(_ pair: YAMLNode.Pair, to fields: inout Fields) {
        guard let key = pair.key.scalar?.text else {
            return report(.wrongType, "a key is a text, found \(found(pair.key))", at: pair.key)
        }
        if fields.has(key), let first = fields[key]?.key {
            let note = "first at \(source.range(first).beginning)"
            return report(.duplicateKey, "the key `\(excerpt(key))` stands here twice", at: pair.key, notes: [note])
        }
        guard let table = fields.table else {
            let field = fields.append(key, pair)
            return remember(field, as: field.path)
        }
        guard let row = table.index(of: key) else { return unknownKey(key, known: table.names, at: pair.key) }
        let field = fields.append(key, pair, table.rows[row].shape)
        remember(field, as: field.path)
        if !table.rows[row].isSupported {
            notSupported(field, notes: table.rows[row].instead.map { [$0] } ?? [])
            check(field)
        }
    }

    private mutating func unknownKey(_ key: String, known: [String], at node: YAMLNode) {
        var notes: [String] = []
        if let near = Suggestion.nearest(key, among: known) {
            notes = ["did you mean `\(near)`?"]
        } else if key == "<<" {
            notes = ["YAML 1.2 has no merge keys; write the keys out"]
        } else if known.contains("hyperparameters"), HyperparameterTable.field(key) != nil {
            notes = ["`\(key)` is a hyperparameter; write it under `hyperparameters`"]
        }
        if known.count <= 12 { notes.append("known keys: \(known.joined(separator: ", "))") }
        report(.unknownKey, "unknown key `\(excerpt(key))`", at: node, notes: notes)
    }

    /// The field of a key that must be there.
    mutating func required(_ key: String, in fields: Fields) -> Field? {
        if let field = fields[key] { return field }
        guard !isFaulty(key, fields) else { return nil }
        report(.missingField, "missing field `\(key)`", at: fields.field.node)
        return nil
    }

    /// Whether a key like this one was misspelt here: saying that it is missing too would say the same twice.
    private func isFaulty(_ key: String, _ fields: Fields) -> Bool {
        let written = fields.field.node.mapping?.prefix(Self.findingLimit).compactMap { $0.key.scalar?.text } ?? []
        return written.contains { fields[$0] == nil && Suggestion.nearest($0, among: [key]) != nil }
    }

    /// Of the fields that exclude each other the one that is set; anything but one is reported, and what goes with
    /// another one.
    mutating func choice(in fields: Fields) -> String? {
        guard let table = fields.table, let choice = table.choice else { return nil }
        let keys = table.rivals
        let present = fields.present(keys)
        if present.count == 1 || (!choice.isExclusive && !present.isEmpty) {
            reportStrays(in: fields)
            return present.first
        }
        let list = keys.map { "`\($0)`" }.joined(separator: ", ")
        if let second = present.dropFirst().first, let node = fields[second]?.key {
            let found = present.map { "`\($0)`" }.joined(separator: " and ")
            let message = "\(choice.purpose): exactly one of \(list), found \(found)"
            report(.conflictingFields, message, at: node)
        } else if !keys.contains(where: { isFaulty($0, fields) }) {
            let message = choice.isExclusive ? "\(choice.purpose): exactly one of \(list)" : choice.purpose
            report(.missingField, message, at: fields.field.node)
        }
        return nil
    }

    /// Reports fields that mean nothing without one that is not there.
    private mutating func reportStrays(in fields: Fields) {
        for row in fields.table?.dependent ?? [] where !row.goesWith.contains(where: fields.has) {
            guard let key = fields[row.name]?.key else { continue }
            let others = row.goesWith.map { "`\($0)`" }.joined(separator: " or ")
            report(.conflictingFields, "`\(row.name)` goes with \(others)", at: key)
        }
    }

    // MARK: Lists

    /// The elements of a list, those that could be decoded.
    mutating func list<Element>(
        _ field: Field?,
        _ expected: String = "a list",
        _ decode: (inout NodeDecoder, Field) -> Element?
    ) -> [Element]? {
        guard let field else { return nil }
        guard let nodes = field.node.sequence else {
            wrongType(field, expected)
            return nil
        }
        return nodes.enumerated().compactMap { index, node in
            guard !isFull else { return nil }
            let element = field.element(index, node)
            remember(element, as: element.path)
            return decode(&self, element)
        }
    }

    /// What a node is, for `found …`.
    func found(_ node: YAMLNode) -> String {
        switch node.content {
        case .mapping: return "a mapping"
        case .sequence: return "a list"
        case .scalar(let scalar):
            switch CoreSchema.value(of: scalar) {
            case .null?: return scalar.text.isEmpty ? "nothing" : "null"
            case .string?, nil: return "the text `\(excerpt(scalar.text))`"
            default: return "`\(excerpt(scalar.text))`"
            }
        }
    }
}
