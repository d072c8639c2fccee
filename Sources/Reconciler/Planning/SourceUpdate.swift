//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

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
    }

    /// Looks at all sources of a dataset that lie elsewhere as they are now, and writes nothing: a result whose digests
    /// differ has moved. What has not changed since it was looked at last is not downloaded again.
    package func moved(_ name: String) throws -> [Result] {
        let dataset = try find(name)
        let remote = Self.sources(of: dataset.spec).filter { source in
            if case .remote = source.source { true } else { false }
        }
        return try remote.map { try result(of: $0, in: dataset) }
    }

    /// Looks at all sources of a dataset as they are now, and writes the pins that have changed.
    package func update(_ name: String) throws -> [Result] {
        let dataset = try find(name)
        let sources = Self.sources(of: dataset.spec)
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
        guard diagnostics.isEmpty else {
            throw ReconcilerError(.invalid, "there is no dataset \(name) without errors", diagnostics: diagnostics)
        }
        throw ReconcilerError(unknown: name, "dataset", among: state.datasets.keys)
    }

    /// The sources that have a pin, or need one.
    private static func sources(of dataset: Dataset) -> [Pinned] {
        var sources = [Pinned(source: dataset.source, pin: dataset.sha256, path: ["spec", "sha256"])]
        if case .source(let source, let pin) = dataset.validation {
            sources.append(Pinned(source: source, pin: pin, path: ["spec", "validation", "sha256"]))
        }
        return sources.filter { source in
            if case .remote = source.source { return true }
            return source.pin != nil
        }
    }

    private func look(_ source: Pinned, of dataset: Located<Dataset>) throws -> (ContentDigest, size: Int) {
        switch source.source {
        case .mix: throw ReconcilerError(.invalid, "dataset \(dataset.name) has rows of others, which have the pins")
        case .path(let path):
            let file = workspace.top + "/" + path
            guard FileStatus.isFile(file) else {
                throw ReconcilerError(.invalid, "the file \(path) of dataset \(dataset.name) is not there")
            }
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
                return (content.digest, content.size)
            } catch {
                throw ReconcilerError(error, at: dataset.fields["spec.source"])
            }
        }
    }

    private func write(_ digest: ContentDigest, for source: Pinned, of dataset: Located<Dataset>) throws {
        let target = ManifestEditor.Target(kind: "Dataset", name: dataset.name, path: source.path, after: "source")
        try workspace.edit(dataset.range.file, target, to: digest.rawValue)
    }
}
