//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Datasets
package import Git
package import Manifests
package import POSIX
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

    /// Bytes of a manifest that are read at most; more are no YAML to any reader.
    private static let manifestLimit = 8 << 20

    /// Where files are read from.
    package let origin: Origin
    /// Whether nobody vouches for what is in the commit, so that nothing beside it is looked at.
    var isForStrangers = false

    /// Makes a reader of files.
    package init(origin: Origin) { self.origin = origin }

    /// Whether files are read from the work tree.
    package var isWorkTree: Bool { if case .workTree = origin { true } else { false } }

    /// What stands below `manifests/`.
    package struct Listing: Sendable {
        /// Every YAML file, in the order of their paths.
        package fileprivate(set) var manifests: [ManifestFile] = []
        /// What cannot be read, or not alike from the work tree and from a commit.
        package fileprivate(set) var unreadable: [Diagnostic] = []
    }

    /// The manifests, and what stands in their place.
    package func listing() throws -> Listing {
        var listing = Listing()
        for entry in try entries(under: "manifests") {
            if let finding = Self.unreadable(entry.path, entry.kind) {
                listing.unreadable.append(finding)
                continue
            }
            guard entry.isManifest else { continue }
            do {
                listing.manifests.append(try read(entry))
            } catch {
                listing.unreadable.append(Self.finding("unreadable-manifest", "\(error)", entry.path))
            }
        }
        return listing
    }

    /// The manifests that can be read.
    package func manifests() throws -> [ManifestFile] { try listing().manifests }

    /// Why something that stands where manifests do is none by its kind; nothing where it may be one, or is something
    /// else by its name.
    package static func unreadable(_ path: String, _ kind: FileStatus.Kind) -> Diagnostic? {
        if kind == .link {
            let message = "a symbolic link is not followed here; put the file or folder itself in its place"
            return finding("linked-manifest", message, path)
        }
        guard kind != .file, isManifest(path) else { return nil }
        return finding("unreadable-manifest", "this is no regular file; manifests are files of YAML", path)
    }

    /// Whether a file is a manifest by its name.
    package static func isManifest(_ path: String) -> Bool { path.hasSuffix(".yaml") || path.hasSuffix(".yml") }

    private static func finding(_ id: Diagnostic.ID, _ message: String, _ path: String) -> Diagnostic {
        let start = SourcePosition(line: 1, column: 1)
        return Diagnostic(id, message, range: SourceRange(file: path, start: start, end: start))
    }

    private func read(_ manifest: Entry) throws -> ManifestFile {
        switch origin {
        case .workTree(let top):
            let bytes = try FileContents.read(top + "/" + manifest.path, limit: Self.manifestLimit)
            return ManifestFile(path: manifest.path, bytes: bytes)
        case .commit(let repository, let commit):
            guard let file = try repository.file(at: manifest.path, in: commit) else {
                return ManifestFile(path: manifest.path, bytes: [])
            }
            guard try repository.size(of: file.id) <= Self.manifestLimit else {
                throw ReconcilerError(.invalid, "this has more than \(Self.manifestLimit >> 20) MB; use several files")
            }
            return ManifestFile(path: manifest.path, bytes: try repository.blob(file.id))
        }
    }

    /// The rows of a regular file by its path from the top; nothing where there is none, or only by a symbolic link.
    package func rows(_ path: String) throws -> RowSource? {
        guard try !isLinked(path) else { return nil }
        if case .workTree(let top) = origin {
            return FileStatus.isFile(top + "/" + path) ? RowSource(name: path, path: top + "/" + path) : nil
        }
        guard case .commit(let repository, let commit) = origin else { return nil }
        return try repository.blob(at: path, in: commit).map { RowSource(name: path, bytes: $0) }
    }

    /// What is the matter with a file that has no rows to give, and what to do about it.
    package func absence(of path: String) throws -> String {
        if try isLinked(path) { return "is a symbolic link, or in one: put the file itself into the repository" }
        switch origin {
        case .workTree(let top):
            switch try FileStatus.of(top + "/" + path)?.kind {
            case .folder: return "is a folder: name a file in it"
            case nil: break
            default: return "is a pipe or a device: rows are read more than once, so put them into a file"
            }
        case .commit(let repository, let commit):
            if try !repository.files(under: path, at: commit).isEmpty { return "is a folder: name a file in it" }
            if !isForStrangers, let top = repository.workTree, FileStatus.isFile(top + "/" + path) {
                return "is here and not in the commit: add it by `git add --force \(path)`, and commit it"
            }
        }
        let near = Suggestion.nearest(path, among: try neighbours(of: path))
        return "is not there" + (near.map { "; did you mean \($0)?" } ?? "")
    }

    /// The files that are in the folder of a path.
    private func neighbours(of path: String) throws -> [String] {
        let folder = path.split(separator: "/").dropLast().map { $0 + "/" }.joined()
        switch origin {
        case .workTree(let top):
            return try Folder.names(in: top + "/" + folder).map { folder + $0 }.filter {
                FileStatus.isFile(top + "/" + $0)
            }
        case .commit(let repository, let commit):
            guard !folder.isEmpty else { return [] }
            return try repository.files(under: String(folder.dropLast()), at: commit).map(\.path)
        }
    }

    /// Whether a path is, or leads through, a symbolic link: git has what the link says, and not what it leads to.
    func isLinked(_ path: String) throws -> Bool {
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

    /// Something below a folder that is no folder.
    private struct Entry {
        let path: String
        let kind: FileStatus.Kind

        var isManifest: Bool { kind == .file && RepositoryFiles.isManifest(path) }
    }

    private func entries(under folder: String) throws -> [Entry] {
        switch origin {
        case .workTree(let top):
            if try FileStatus.of(top + "/" + folder, followingLinks: false)?.kind == .link {
                return [Entry(path: folder, kind: .link)]
            }
            return try Folder.entries(below: top + "/" + folder).map {
                Entry(path: folder + "/" + $0.path, kind: $0.kind)
            }
        case .commit(let repository, let commit):
            return try repository.files(under: folder, at: commit).map { file in
                Entry(path: file.path, kind: file.kind == .link ? .link : file.kind == .submodule ? .other : .file)
            }
        }
    }
}
