//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Datasets
package import Git
package import Manifests
internal import POSIX
package import Resources

/// The files of a manifest repository, from its work tree or from a commit.
package struct RepositoryFiles {
    /// Where files are read from.
    package enum Origin {
        /// The work tree at this path.
        case workTree(String)
        /// The tree of a commit.
        case commit(GitRepository, ObjectID)
    }

    /// Bytes that one file has at most: it is held in memory.
    private static let sizeLimit = 1 << 30

    /// Where files are read from.
    package let origin: Origin

    /// Makes a reader of files.
    package init(origin: Origin) { self.origin = origin }

    /// Whether files are read from the work tree.
    package var isWorkTree: Bool { if case .workTree = origin { true } else { false } }

    /// The manifests: every YAML file below `manifests/`, in the order of their paths.
    package func manifests() throws -> [ManifestFile] {
        try entries(under: "manifests")
            .filter { !$0.isLink && ($0.path.hasSuffix(".yaml") || $0.path.hasSuffix(".yml")) }
            .map { ManifestFile(path: $0.path, bytes: try bytes($0.path) ?? []) }
    }

    /// What is below `manifests/` and cannot be read alike from the work tree and from a commit.
    package func linkedManifests() throws -> [Diagnostic] {
        try entries(under: "manifests").filter(\.isLink).map { entry in
            let start = SourcePosition(line: 1, column: 1)
            return Diagnostic(
                "linked-manifest",
                "a symbolic link is not followed here; put the file or folder itself in its place",
                range: SourceRange(file: entry.path, start: start, end: start)
            )
        }
    }

    /// The rows of a regular file by its path from the top; nothing where there is none, or only by a symbolic link.
    package func rows(_ path: String) throws -> RowSource? {
        guard try !isLinked(path) else { return nil }
        if case .workTree(let top) = origin {
            return FileStatus.isFile(top + "/" + path) ? RowSource(name: path, path: top + "/" + path) : nil
        }
        return try bytes(path).map { RowSource(name: path, bytes: $0) }
    }

    /// What is the matter with a file that has no rows to give, and what to do about it.
    package func absence(of path: String) throws -> String {
        if try isLinked(path) { return "is a symbolic link, or in one: put the file itself into the repository" }
        guard case .commit(let repository, _) = origin, let top = repository.workTree,
            FileStatus.isFile(top + "/" + path)
        else { return "is not there" }
        return "is here and not in the commit: add it by `git add --force \(path)`, and commit it"
    }

    private func bytes(_ path: String) throws -> [UInt8]? {
        switch origin {
        case .workTree(let top):
            let file = top + "/" + path
            guard FileStatus.isFile(file) else { return nil }
            return try FileContents.read(file, limit: Self.sizeLimit)
        case .commit(let repository, let commit):
            return try repository.blob(at: path, in: commit)
        }
    }

    /// Whether a path is, or leads through, a symbolic link: git has what the link says, and not what it leads to.
    private func isLinked(_ path: String) throws -> Bool {
        let parts = path.split(separator: "/")
        return try parts.indices.contains { last in
            let part = parts[...last].joined(separator: "/")
            switch origin {
            case .workTree(let top):
                return try FileStatus.of(top + "/" + part, followingLinks: false)?.kind == .link
            case .commit(let repository, let commit):
                return try repository.file(at: part, in: commit)?.kind == .link
            }
        }
    }

    private func entries(under folder: String) throws -> [(path: String, isLink: Bool)] {
        switch origin {
        case .workTree(let top):
            if try FileStatus.of(top + "/" + folder, followingLinks: false)?.kind == .link { return [(folder, true)] }
            return try Folder.entries(below: top + "/" + folder).map { (folder + "/" + $0.path, $0.kind == .link) }
        case .commit(let repository, let commit):
            return try repository.files(under: folder, at: commit).map { ($0.path, $0.kind == .link) }
        }
    }
}
