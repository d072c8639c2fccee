//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Packing
import Resources
import YAML

/// The manifests of a repository on their way to desired state.
struct RepositoryReading {
    private(set) var state = DesiredState()
    private(set) var diagnostics: [Diagnostic] = []
    /// Each becomes nothing where it is decoded, so that it is changed where it lies and not copied.
    private var documents: [Document?] = []
    private let memory: ReadingMemory?
    /// Files that were parsed now.
    private var parsed: [(path: String, key: ReadingMemory.Key, content: ParsedManifest)] = []
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

    mutating func parse(_ file: ManifestFile) {
        let source = SourceText(file)
        let key = memory == nil ? nil : ParsedManifest.key(of: file.bytes)
        if let key, let known: ParsedManifest = memory?.recall(.manifest, key) {
            for node in known.documents { add(node, in: source) }
            return
        }
        do {
            var documents: [YAMLNode] = []
            try YAMLReader.forEachDocument(in: file.bytes) { node in
                add(node, in: source)
                if key != nil { documents.append(node) }
            }
            if let key { parsed.append((file.path, key, ParsedManifest(documents: documents))) }
        } catch {
            knowsAllNames = false
            diagnostics.append(source.finding(error))
        }
    }

    private mutating func add(_ node: YAMLNode, in source: SourceText) {
        guard !isFull else { return knowsAllNames = false }
        let document = Document(node, in: source)
        findingCount += document.decoder.findingCount
        documents.append(document)
    }

    /// A file that could not be read may declare any name.
    mutating func add(unreadable findings: [Diagnostic]) {
        knowsAllNames = knowsAllNames && findings.isEmpty
        diagnostics += findings
    }

    /// Decodes Project first, since its owner completes the names of models.
    mutating func decode() {
        state.fineTunes.reserveCapacity(documents.count)
        for index in documents.indices where documents[index]?.kind == .project { decode(at: index) }
        for index in documents.indices where documents[index] != nil { decode(at: index) }
    }

    private mutating func decode(at index: Int) {
        guard var document = documents[index] else { return }
        documents[index] = nil
        guard !isFull else {
            knowsAllNames = false
            return diagnostics += document.diagnostics
        }
        checkSecondProject(&document)
        let isRepeated = checkRepeatedName(&document)
        let known = document.decoder.findingCount
        let resource = document.decodeSpec(owner: state.defaultOwner)
        findingCount += document.decoder.findingCount - known
        if let resource, !isRepeated, !document.decoder.hasErrors { add(resource, of: &document) }
        diagnostics += document.diagnostics
        references += document.decoder.references.map { $0.from(document) }
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
        for file in parsed where !faulty.contains(file.path) { memory?.keep(.manifest, file.key, file.content) }
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
        for key in state.fineTunes.keys.sorted() {
            guard let fineTune = state.fineTunes[key], state.models[fineTune.spec.destination] == nil else { continue }
            let name = fineTune.spec.destination
            state.models[name] = Located(
                metadata: Metadata(name: ResourceName(rawValue: name.name)),
                spec: Model(),
                range: fineTune.fields["spec.destination"] ?? fineTune.range
            )
        }
    }
}
