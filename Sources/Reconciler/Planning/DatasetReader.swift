//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Datasets
internal import Downloads
internal import POSIX
internal import Resources

/// Reads datasets wherever their rows lie: in the repository, or elsewhere and pinned.
struct DatasetReader {
    let files: RepositoryFiles
    private let fetcher: SourceFetcher
    private let reading: RowReading
    private let memory: RenderingMemory?
    /// All datasets, of which mixtures are made.
    let datasets: [ResourceName: Located<Dataset>]
    private let seen: SeenFiles?

    /// Makes a reader of a repository's files and of what is pinned in its manifests.
    init(
        files: RepositoryFiles,
        fetcher: SourceFetcher,
        reading: RowReading,
        memory: RenderingMemory?,
        datasets: [ResourceName: Located<Dataset>],
        seen: SeenFiles?
    ) {
        self.seen = seen
        self.datasets = datasets
        self.files = files
        self.fetcher = fetcher
        self.reading = reading
        self.memory = memory
    }

    /// Renders a dataset; what is wrong with it is thrown with its findings.
    func render(_ dataset: Located<Dataset>, by recipe: RowRecipe) throws -> RenderedDataset {
        let template = recipe.template
        let (spec, source, validation) = try described(dataset) { try find(dataset, template) }
        return try described(dataset, by: recipe) {
            try DatasetRenderer(spec, template: template, memory: memory).render(source, validation: validation)
        }
    }

    /// Renders the rows of one side of a dataset and hands them over as they come; nothing where there is no such side.
    func export(
        _ side: RowSide,
        of dataset: Located<Dataset>,
        by recipe: RowRecipe,
        to output: (ArraySlice<UInt8>) throws -> Void
    ) throws -> RowCounts? {
        let template = recipe.template
        let (spec, source, validation) = try described(dataset) { try find(dataset, template) }
        guard side == .train || spec.validation != nil else { return nil }
        return try described(dataset, by: recipe) {
            try DatasetRenderer(spec, template: template).export(side, of: source, validation: validation, to: output)
        }
    }

    /// Renders a dataset and shows rows of it.
    func preview(
        _ dataset: Located<Dataset>,
        by recipe: RowRecipe,
        rows: ClosedRange<Int>
    ) throws -> DatasetPreview {
        let template = recipe.template
        let (spec, source, _) = try described(dataset) { try find(dataset, template) }
        return try described(dataset, by: recipe) {
            try DatasetRenderer(spec, template: template).preview(source, rows: rows)
        }
    }

    /// The rows of a dataset and of its validation.
    private func find(
        _ dataset: Located<Dataset>,
        _ template: CompiledTemplate?
    ) throws -> (spec: Dataset, RowSource, validation: RowSource?) {
        let spec = dataset.spec
        let source = try rows(of: dataset, template)
        guard case .source(let other, let pin) = spec.validation else { return (spec, source, nil) }
        let place = dataset.fields["spec.validation.source"] ?? dataset.range
        return (spec, source, try find(other, nil, pin: pin, at: place))
    }

    /// The rows of a dataset before its steps.
    private func rows(of dataset: Located<Dataset>, _ template: CompiledTemplate?) throws -> RowSource {
        let spec = dataset.spec
        guard case .mix(let parts) = spec.source else {
            let range = dataset.fields["spec.source"] ?? dataset.range
            return try find(spec.source, spec.format, pin: spec.sha256, at: range)
        }
        let mixed = try parts.map { part in
            guard let member = datasets[part.dataset] else {
                throw ReconcilerError(missing: "there is no dataset \(part.dataset)", at: dataset.range)
            }
            let source = try described(member) { try rows(of: member, template) }
            return MixedRows(source: source, dataset: member.spec, weight: part.weight)
        }
        return try RowSource.mixing(mixed, name: dataset.name.rawValue, template: template)
    }

    private func find(
        _ source: Dataset.Source,
        _ format: RowFormat?,
        pin: ContentDigest?,
        at range: SourceRange
    ) throws -> RowSource {
        switch source {
        case .mix: throw ReconcilerError(missing: "rows that validate cannot be a mixture", at: range)
        case .path(let path):
            guard !path.hasPrefix("/"), !path.split(separator: "/").contains("..") else {
                throw ReconcilerError(missing: "the file \(path) leaves the repository", at: range)
            }
            if let reason = try files.hindrance(of: path, limit: reading.limits.size) {
                throw Unread(reason: reason, range: range)
            }
            if case .workTree(let top) = files.origin { seen?.lookAtRows(path, in: top) }
            guard let rows = try files.rows(path) else {
                throw ReconcilerError(missing: "the file \(path) \(try files.absence(of: path))", at: range)
            }
            return try decoded(rows, format)
        case .remote(let source):
            guard let digest = pin else {
                throw ReconcilerError(missing: "\(source) is not pinned by sha256", at: range)
            }
            let content = try content(of: source, digest, at: range)
            for folder in Set(content.files.map { Folder.parent(of: $0.path) }) { seen?.look(.folder(folder)) }
            let isAlone = content.files.count == 1
            let parts = try content.files.map { file in
                let name = isAlone ? source.text : "\(source.text): \(file.name)"
                return try decoded(RowSource(name: name, path: file.path), format, named: file.name)
            }
            return RowSource.joining(parts, name: source.text)
        }
    }

    /// Rows as lines of JSON; a file that was made of them is looked at too.
    private func decoded(_ rows: RowSource, _ format: RowFormat?, named name: String? = nil) throws -> RowSource {
        let decoded = try rows.decoded(format, named: name, by: reading)
        if let path = decoded.path { seen?.look(.file(path)) }
        return decoded
    }

    /// What is pinned: for strangers only where the cache has it.
    private func content(
        of source: RemoteSource,
        _ digest: ContentDigest,
        at range: SourceRange
    ) throws -> CachedContent {
        do {
            guard files.isForStrangers else { return try fetcher.pinned(source, digest) }
            if let content = try fetcher.cached(source, digest) { return content }
        } catch {
            throw ReconcilerError(error, at: range)
        }
        throw Unread(reason: "\(source) is not in the cache, and nothing is downloaded for strangers", range: range)
    }

    /// A content of the cache that is not what its digest says is forgotten, so that the next look downloads it again.
    private func refuseDamaged(_ source: RemoteSource, _ digest: ContentDigest, at range: SourceRange) throws {
        guard try fetcher.forgetIfDamaged(digest) else { return }
        throw ReconcilerError(
            missing: "the copy of \(source) in the cache was damaged and has been removed; try again",
            at: range
        )
    }

    private func described<Value>(
        _ dataset: Located<Dataset>,
        by recipe: RowRecipe = RowRecipe(),
        _ body: () throws -> Value
    ) throws -> Value {
        do {
            return try body()
        } catch let error as DatasetError {
            if error.code == .unread {
                throw Unread(reason: error.message, range: dataset.fields["spec.source"] ?? dataset.range)
            }
            if error.code == .digestMismatch {
                for (source, pin) in dataset.spec.pinnedElsewhere {
                    try refuseDamaged(source, pin, at: dataset.range)
                }
            }
            var findings = error.diagnostics
            if let absent = error.absent { findings = recipe.place(absent, findings, in: try files.manifests()) }
            let placed = Self.place(shown(findings, of: dataset), error.code, in: dataset)
            throw ReconcilerError(.invalid, error.message, diagnostics: placed)
        }
    }

    /// What is wrong with the whole source stands where the manifest names it; bad rows have places of their own.
    private static func place(
        _ findings: [Diagnostic],
        _ code: DatasetError.Code,
        in dataset: Located<Dataset>
    ) -> [Diagnostic] {
        let key =
            switch code {
            case .digestMismatch: "spec.sha256"
            case .badFilter: "spec.filter"
            default: "spec.source"
            }
        return findings.map { finding in
            guard finding.range == nil, finding.id != "bad-row" else { return finding }
            var finding = finding
            finding.range = dataset.fields[key] ?? dataset.fields["spec.source"]
            return finding
        }
    }
}

extension Dataset {
    /// Its sources that lie elsewhere, with their pins.
    fileprivate var pinnedElsewhere: [(RemoteSource, ContentDigest)] {
        var found: [(RemoteSource, ContentDigest)] = []
        if case .remote(let remote) = source, let sha256 { found.append((remote, sha256)) }
        if case .source(.remote(let remote), let pin?) = validation { found.append((remote, pin)) }
        return found
    }
}

extension ReconcilerError {
    fileprivate init(missing message: String, at range: SourceRange) {
        self.init(.invalid, message, diagnostics: [Diagnostic("missing-file", message, range: range)])
    }

    /// A source that could not be downloaded, as a finding at its line.
    init(_ error: DownloadError, at range: SourceRange?) {
        let id = Diagnostic.ID(rawValue: error.code.rawValue)
        let finding = Diagnostic(id, error.message, range: range, notes: error.notes)
        self.init(.invalid, error.message, diagnostics: [finding])
    }
}
