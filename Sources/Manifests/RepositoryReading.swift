//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import POSIX
import Packing
import Resources
import YAML

/// A document that is not looked into yet.
private struct PendingDocument: Sendable {
    let node: YAMLNode
    let source: SourceText

    var isProject: Bool {
        let kind = node.mapping?.first { $0.key.scalar?.text == "kind" }
        return kind?.value.scalar?.text == ResourceKind.project.rawValue
    }

    func decoded(owner: String) -> DecodedDocument {
        var document = Document(node, in: source)
        let resource = document.decodeSpec(owner: owner)
        return DecodedDocument(document: document, resource: resource)
    }
}

private struct DecodedDocument: Sendable {
    var document: Document
    let resource: Resource?
}

/// What one file has.
private struct FileReading: Sendable {
    let file: ManifestFile
    let source: SourceText
    let key: ReadingMemory.Key?
    var documents: [YAMLNode] = []
    /// Whether they were parsed now, and not remembered.
    var isParsed = false
    var error: YAMLError?

    init(_ file: ManifestFile, _ memory: ReadingMemory?) {
        self.file = file
        source = SourceText(file)
        key = memory == nil ? nil : ParsedManifest.key(of: file.bytes)
        if let key, let known: ParsedManifest = memory?.recall(.manifest, key) {
            documents = known.documents
            return
        }
        isParsed = true
        do {
            try YAMLReader.forEachDocument(in: file.bytes) { documents.append($0) }
        } catch {
            self.error = error
        }
    }
}

/// The manifests of a repository on their way to desired state.
struct RepositoryReading {
    /// Documents that one thread decodes at a time, and times that many that are decoded before anybody asks whether
    /// there is more wrong with them than is ever told.
    private static let (portion, portions) = (64, 16)

    private(set) var state = DesiredState()
    private(set) var diagnostics: [Diagnostic] = []
    private var documents: [PendingDocument] = []
    private let memory: ReadingMemory?
    /// Files that were parsed now.
    private var parsed: [FileReading] = []
    private var references: [Reference] = []
    /// Names that documents give themselves, the faulty ones too: a reference to one of those is not dangling.
    private var declared: [ResourceKind: [String: SourceRange]] = [:]
    private var firstProject: SourceRange?
    /// The fine-tunes that are sweeps, as far as they are free of errors.
    private var sweeps: Set<String> = []
    /// Where a file could not be read at all, nobody knows which names it declares.
    private var knowsAllNames = true
    private var findingCount = 0

    /// Whether there is more wrong than anybody would read.
    private var isFull: Bool { findingCount > ManifestLoader.findingLimit }

    /// Starts with nothing, and with what is remembered of how files were parsed.
    init(_ memory: ReadingMemory?) { self.memory = memory }

    /// Parses files, as many at once as there are processors.
    mutating func parse(_ files: [ManifestFile]) {
        let memory = memory
        for reading in Concurrent.map(files.count, { FileReading(files[$0], memory) }) {
            documents += reading.documents.map { PendingDocument(node: $0, source: reading.source) }
            if let error = reading.error {
                knowsAllNames = false
                diagnostics.append(reading.source.finding(error))
            } else if reading.isParsed, reading.key != nil {
                parsed.append(reading)
            }
        }
    }

    /// A file that could not be read may declare any name.
    mutating func add(unreadable findings: [Diagnostic]) {
        knowsAllNames = knowsAllNames && findings.isEmpty
        diagnostics += findings
    }

    /// Decodes Project first, since its owner completes the names of models.
    mutating func decode() {
        var others: [PendingDocument] = []
        others.reserveCapacity(documents.count)
        for document in documents {
            if document.isProject { add(document.decoded(owner: state.defaultOwner)) } else { others.append(document) }
        }
        documents = []
        state.fineTunes.reserveCapacity(others.count)
        decode(others)
    }

    private mutating func decode(_ documents: [PendingDocument]) {
        let owner = state.defaultOwner
        for first in stride(from: 0, to: documents.count, by: Self.portion * Self.portions) {
            guard !isFull else { return knowsAllNames = false }
            let rest = documents[first...].prefix(Self.portion * Self.portions)
            let starts = Array(stride(from: first, to: rest.endIndex, by: Self.portion))
            let decoded = Concurrent.map(starts.count) { index in
                documents[starts[index]..<rest.endIndex].prefix(Self.portion).map { $0.decoded(owner: owner) }
            }
            for document in decoded.joined() { add(document) }
        }
    }

    private mutating func add(_ decoded: DecodedDocument) {
        guard !isFull else { return knowsAllNames = false }
        var document = decoded.document
        checkSecondProject(&document)
        let isRepeated = checkRepeatedName(&document)
        if let resource = decoded.resource, !isRepeated, !document.decoder.hasErrors { add(resource, of: &document) }
        findingCount += document.decoder.findingCount
        diagnostics += document.diagnostics
        references += document.references
    }

    private mutating func checkSecondProject(_ document: inout Document) {
        guard document.kind == .project else { return }
        if let firstProject {
            document.report(.duplicateProject, "a second Project; a repository has one", first: firstProject)
        } else {
            firstProject = document.place
        }
    }

    /// Models are told apart by owner and name, and so are left to ``add(_:of:)``.
    private mutating func checkRepeatedName(_ document: inout Document) -> Bool {
        guard let kind = document.kind, let name = document.nameText else { return false }
        let first = declared[kind]?[name]
        if first == nil { declared[kind, default: [:]][name] = document.place }
        guard let first, kind != .model, kind != .project else { return false }
        document.report(.duplicateName, "a second \(kind.rawValue) named `\(excerpt(name))`", first: first)
        return true
    }

    private mutating func add(_ resource: Resource, of document: inout Document) {
        guard let metadata = document.metadata else { return }
        func located<Spec>(_ spec: Spec) -> Located<Spec> {
            Located(metadata: metadata, spec: spec, range: document.range, fields: document.decoder.places)
        }
        switch resource {
        case .dataset(let spec): state.datasets[metadata.name] = located(spec)
        case .template(let spec): state.templates[metadata.name] = located(spec)
        case .baseModel(let spec): state.baseModels[metadata.name] = located(spec)
        case .hyperparameters(let spec): state.hyperparameters[metadata.name] = located(spec)
        case .fineTune(let spec, nil): state.fineTunes[metadata.name] = located(spec)
        case .fineTune(let spec, let sweep?):
            sweeps.insert(metadata.name.rawValue)
            for point in sweep.fineTunes(of: located(spec)) { state.fineTunes[point.name] = point }
        case .project(let spec): if state.project == nil { state.project = located(spec) }
        case .model(let spec, let owner):
            let name = ModelName(owner: owner ?? state.defaultOwner, name: metadata.name.rawValue)
            if let first = state.models[name] {
                let range = first.fields["metadata.name"] ?? first.range
                document.report(.duplicateName, "a second Model named `\(name)`", first: range)
            } else {
                state.models[name] = located(spec)
            }
        }
    }

    /// Remembers the files that were parsed now and that nothing is wrong with: a secret in the clear is none to keep.
    func remember() {
        let faulty = Set(diagnostics.compactMap(\.range?.file))
        for reading in parsed where !faulty.contains(reading.file.path) {
            if let key = reading.key { memory?.keep(.manifest, key, ParsedManifest(documents: reading.documents)) }
        }
    }

    mutating func checkReferences() {
        let points = sweeps.isEmpty ? [] : state.fineTunes.values.filter { $0.spec.point != nil }.map(\.name.rawValue)
        let check = ReferenceCheck(
            declared: declared.mapValues { Set($0.keys) },
            sweeps: sweeps,
            points: Set(points),
            knowsAllNames: knowsAllNames
        )
        diagnostics += check.findings(references)
    }

    /// A fine-tune whose destination has no Model gets a private one.
    mutating func addImpliedModels() {
        var implied = [ModelName: ResourceName](minimumCapacity: state.fineTunes.count)
        for (key, fineTune) in state.fineTunes where state.models[fineTune.spec.destination] == nil {
            // Of several the first by name says where the model stands.
            implied[fineTune.spec.destination] = min(key, implied[fineTune.spec.destination] ?? key)
        }
        state.models.reserveCapacity(state.models.count + implied.count)
        for (name, key) in implied {
            guard let fineTune = state.fineTunes[key] else { continue }
            state.models[name] = Located(
                metadata: Metadata(name: ResourceName(rawValue: name.name)),
                spec: Model(),
                range: fineTune.fields["spec.destination"] ?? fineTune.range
            )
        }
    }
}
