//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import YAML

/// A spec of one of the kinds.
enum Resource: Sendable {
    case dataset(Dataset)
    case template(Template)
    case baseModel(BaseModel)
    case hyperparameters(Hyperparameters)
    case model(Model, owner: String?)
    case fineTune(FineTune, sweep: SweepFields?)
    case project(Project)
}

/// One YAML document: its kind and name, and its spec still to be decoded.
struct Document: Sendable {
    /// Decodes the document, and has its findings.
    var decoder: NodeDecoder
    /// The kind; for one that is misspelt, the kind that was probably meant.
    private(set) var kind: ResourceKind?
    /// The name as it is written, valid or not.
    private(set) var nameText: String?
    /// Name and labels, where the name is valid.
    private(set) var metadata: Metadata?
    private var nameNode: YAMLNode?
    private var spec: Field?
    private let node: YAMLNode

    init(_ node: YAMLNode, in source: SourceText) {
        self.node = node
        decoder = NodeDecoder(source)
        guard
            let fields = decoder.fields(Field(path: "", node: node, shape: .mapping(KindTable.document)))
        else { return }
        let isCurrent = decodeAPIVersion(fields["apiVersion"])
        let isKnown = decodeKind(fields["kind"])
        decodeMetadata(fields["metadata"])
        if isCurrent, isKnown, let kind { spec = fields["spec"]?.with(.mapping(KindTable.of(kind).spec)) }
    }

    /// Where the whole document stands.
    var range: SourceRange { decoder.source.range(node) }

    /// Where the name stands, or else the document.
    var place: SourceRange { decoder.source.range(nameNode ?? node) }

    /// Kind and name, as far as they are known.
    var context: String? { Self.context(kind, nameText) }

    static func context(_ kind: ResourceKind?, _ name: String?) -> String? {
        kind.map { kind in name.map { "\(kind.rawValue) \(excerpt($0))" } ?? kind.rawValue }
    }

    /// Its names that stand for other resources.
    var references: [Reference] {
        guard !decoder.names.isEmpty else { return [] }
        let origin = Reference.Origin(self)
        return decoder.names.map { Reference(targets: $0.targets, name: $0.text, range: $0.range, origin: origin) }
    }

    /// What is wrong with the document.
    var diagnostics: [Diagnostic] {
        decoder.diagnostics.map { finding in
            var copy = finding
            copy.context = context
            return copy
        }
    }

    mutating func report(_ id: Diagnostic.ID, _ message: String, first: SourceRange) {
        decoder.report(id, message, at: nameNode ?? node, notes: ["the first is at \(first.beginning)"])
    }

    /// Whether fields may be read by the rules of this version: also where none is given.
    private mutating func decodeAPIVersion(_ field: Field?) -> Bool {
        guard let field, let text = decoder.text(field) else { return true }
        if text == "ftops/v1" { return true }
        let message = "unknown apiVersion `\(excerpt(text))`; expected `ftops/v1`"
        decoder.report(.unknownAPIVersion, message, at: field.node)
        return false
    }

    private mutating func decodeKind(_ field: Field?) -> Bool {
        guard let field, let text = decoder.text(field) else { return false }
        kind = ResourceKind(rawValue: text)
        guard kind == nil else { return true }
        let kinds = ResourceKind.allCases.map(\.rawValue)
        let near = Suggestion.nearest(text, among: kinds)
        kind = near.flatMap { ResourceKind(rawValue: $0) }
        let notes = near.map { ["did you mean `\($0)`?"] } ?? []
        let known = "known kinds: \(kinds.joined(separator: ", "))"
        decoder.report(.unknownKind, "unknown kind `\(excerpt(text))`", at: field.node, notes: notes + [known])
        return false
    }

    private mutating func decodeMetadata(_ field: Field?) {
        guard let fields = decoder.fields(field) else { return }
        let labels = decoder.texts(fields["labels"]) ?? [:]
        guard let name = fields["name"], let text = decoder.text(name) else { return }
        (nameText, nameNode) = (text, name.node)
        guard decoder.checkName(text, at: name) else { return }
        metadata = Metadata(name: ResourceName(rawValue: text), labels: labels)
    }

    /// Decodes the spec by the document's kind.
    mutating func decodeSpec(owner: String) -> Resource? {
        guard let kind, let spec else { return nil }
        switch kind {
        case .dataset: return decoder.dataset(spec, named: nameText).map { .dataset($0) }
        case .template: return decoder.template(spec).map { .template($0) }
        case .baseModel: return decoder.baseModel(spec, named: nameText).map { .baseModel($0) }
        case .hyperparameters: return decoder.profile(spec).map { .hyperparameters($0) }
        case .model: return decoder.model(spec).map { .model($0.model, owner: $0.owner) }
        case .fineTune: return decoder.fineTune(spec, owner: owner).map { .fineTune($0.fineTune, sweep: $0.sweep) }
        case .project: return decoder.project(spec).map { .project($0) }
        }
    }
}

extension NodeDecoder {
    /// A mapping of any keys to texts.
    mutating func texts(_ field: Field?) -> [String: String]? {
        guard let fields = fields(field) else { return nil }
        var texts: [String: String] = [:]
        for (key, field) in zip(fields.keys, fields.all) {
            texts[key] = scalar(field, "a text") { $0.text }
        }
        return texts
    }

    /// Whether a text can be a name; reported where not.
    mutating func checkName(_ text: String, at field: Field) -> Bool {
        if ResourceName.isValid(text) { return true }
        guard !text.isEmpty else {
            report(.badName, "a name must not be empty", at: field.node)
            return false
        }
        let rule = "letters, digits, `-`, `_` and `.`, a letter or digit first, at most 100"
        report(.badName, "`\(excerpt(text))` is no name", at: field.node, notes: ["a name has \(rule)"])
        return false
    }
}
