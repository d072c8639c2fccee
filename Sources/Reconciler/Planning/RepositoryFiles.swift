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

    /// The manifests: every YAML file below `manifests/`, in the order of their paths.
    package func manifests() throws -> [ManifestFile] {
        try paths(under: "manifests")
            .filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }
            .map { ManifestFile(path: $0, bytes: try read($0) ?? []) }
    }

    /// The bytes of a regular file by its path from the top; nothing where there is none.
    package func read(_ path: String) throws -> [UInt8]? {
        switch origin {
        case .workTree(let top):
            let file = top + "/" + path
            guard FileStatus.isFile(file) else { return nil }
            return try FileContents.read(file, limit: Self.sizeLimit)
        case .commit(let repository, let commit):
            return try repository.blob(at: path, in: commit)
        }
    }

    /// The rows of a regular file by its path from the top; nothing where there is none.
    package func rows(_ path: String) throws -> RowSource? {
        if case .workTree(let top) = origin {
            return FileStatus.isFile(top + "/" + path) ? RowSource(name: path, path: top + "/" + path) : nil
        }
        return try read(path).map { RowSource(name: path, bytes: $0) }
    }

    private func paths(under folder: String) throws -> [String] {
        switch origin {
        case .workTree(let top):
            let root = top + "/" + folder
            guard FileStatus.isFolder(root) else { return [] }
            return try Folder.files(below: root).map { folder + "/" + $0 }.sorted()
        case .commit(let repository, let commit):
            return try repository.files(under: folder, at: commit).map(\.path)
        }
    }
}
