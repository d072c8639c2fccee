//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Datasets
internal import Digest
internal import Downloads
internal import Git
internal import Manifests
internal import POSIX
package import Resources

/// Writes the digests of datasets' bytes into the manifests of the work tree.
package struct SourceUpdate {
    private let workspace: Workspace
    private let state: DesiredState
    private let diagnostics: [Diagnostic]

    /// What became of one source's pin.
    package struct Result: Hashable, Sendable {
        /// The dataset.
        package let dataset: ResourceName
        /// The source.
        package let source: Dataset.Source
        /// The digest that the manifest had.
        package let old: ContentDigest?
        /// The digest that it has now.
        package let new: ContentDigest
        /// The source's size in bytes.
        package let size: Int
        /// The manifest's path.
        package let file: String
    }

    /// Reads the manifests of the work tree; errors elsewhere in them are no hindrance.
    package init(_ workspace: Workspace) throws {
        self.workspace = workspace
        (state, diagnostics) = try workspace.editable()
    }

    /// A source of a dataset with its place in the manifest.
    private struct Pinned {
        var source: Dataset.Source
        var pin: ContentDigest?
        var path: [String]

        /// The field that names the source.
        var field: String { (path.dropLast() + ["source"]).joined(separator: ".") }
    }

    /// Looks at all sources of a dataset that lie elsewhere as they are now, and writes nothing: a result whose digests
    /// differ has moved. What has not changed since it was looked at last is not downloaded again.
    package func moved(_ name: String) throws -> [Result] {
        let dataset = try find(name)
        let remote = Self.sources(of: dataset).filter { source in
            if case .remote = source.source { true } else { false }
        }
        return try remote.map { try result(of: $0, in: dataset) }
    }

    /// Looks at all sources of a dataset as they are now, and writes the pins that have changed.
    package func update(_ name: String) throws -> [Result] {
        let dataset = try find(name)
        let sources = Self.sources(of: dataset)
        guard !sources.isEmpty else {
            throw ReconcilerError(
                .unknownName,
                "dataset \(name) lies in the repository and has no sha256: git knows its bytes, and nothing is to be done"
            )
        }
        return try sources.map { source in
            let result = try result(of: source, in: dataset)
            if result.old != result.new { try write(result.new, for: source, of: dataset) }
            return result
        }
    }

    private func result(of source: Pinned, in dataset: Located<Dataset>) throws -> Result {
        let (digest, size) = try look(source, of: dataset)
        return Result(
            dataset: dataset.name,
            source: source.source,
            old: source.pin,
            new: digest,
            size: size,
            file: dataset.range.file
        )
    }

    private func find(_ name: String) throws -> Located<Dataset> {
        if let dataset = state.datasets[ResourceName(rawValue: name)] { return dataset }
        throw ReconcilerError(unusable: name, "Dataset", among: Array(state.datasets.keys), diagnostics)
    }

    /// The sources that have a pin, or need one.
    private static func sources(of located: Located<Dataset>) -> [Pinned] {
        let dataset = located.spec
        var sources = [Pinned(source: dataset.source, pin: dataset.sha256, path: ["spec", "sha256"])]
        if case .source(let source, let pin) = dataset.validation {
            sources.append(Pinned(source: source, pin: pin, path: ["spec", "validation", "sha256"]))
        }
        return sources.filter { source in
            if case .remote = source.source { return true }
            // One that is no digest is written anew.
            return located.fields[source.path.joined(separator: ".")] != nil
        }
    }

    private func look(_ source: Pinned, of dataset: Located<Dataset>) throws -> (ContentDigest, size: Int) {
        switch source.source {
        case .mix: throw ReconcilerError(.invalid, "dataset \(dataset.name) has rows of others, which have the pins")
        case .path(let path):
            let file = workspace.top + "/" + path
            let files = RepositoryFiles(origin: .workTree(workspace.top))
            guard let rows = try files.rows(path) else {
                let message = "the file \(path) \(try files.absence(of: path))"
                throw refusal("missing-file", message, source, of: dataset)
            }
            try check([(path, rows)], source, of: dataset)
            var size = 0
            var hasher = SHA256Hasher()
            try FileContents.forEachPart(of: file) { part in
                hasher.update(part)
                size += part.count
            }
            return (ContentDigest(hasher.finalize()), size)
        case .remote(let remote):
            do {
                let content = try workspace.fetcher.current(remote)
                let rows = content.files.map { ($0.name, RowSource(name: "\(remote): \($0.name)", path: $0.path)) }
                try check(rows, source, of: dataset)
                return (content.digest, content.size)
            } catch let error as DownloadError {
                throw ReconcilerError(error, at: dataset.fields[source.field])
            }
        }
    }

    /// Refuses to pin what has no row: an empty file, an error that a server says in place of rows, a bomb.
    private func check(
        _ files: [(name: String, rows: RowSource)],
        _ source: Pinned,
        of dataset: Located<Dataset>
    ) throws {
        let reading = try workspace.reading()
        let format = source.path.count == 2 ? dataset.spec.format : nil
        for file in files {
            do {
                try file.rows.check(format, named: file.name, by: reading)
            } catch {
                throw refusal(Diagnostic.ID(rawValue: error.code.rawValue), error.message, source, of: dataset)
            }
        }
    }

    private func refusal(
        _ id: Diagnostic.ID,
        _ message: String,
        _ source: Pinned,
        of dataset: Located<Dataset>
    ) -> ReconcilerError {
        let finding = Diagnostic(id, message, range: dataset.fields[source.field] ?? dataset.range)
        return ReconcilerError(.invalid, message, diagnostics: [finding])
    }

    private func write(_ digest: ContentDigest, for source: Pinned, of dataset: Located<Dataset>) throws {
        let target = ManifestEditor.Target(kind: "Dataset", name: dataset.name, path: source.path, after: "source")
        try workspace.edit(dataset.range.file, target, to: digest.rawValue)
    }
}
