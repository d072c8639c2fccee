//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Git
internal import POSIX
internal import Resources

extension Workspace {
    /// Files that are looked into at most, and bytes of each.
    private static let (filesLookedInto, bytesLookedInto) = (500, 1 << 16)

    /// Manifests that stand where they are not read, for a repository that has none where they are: one that plans
    /// nothing because of a folder's name would be green for ever.
    func misplacedManifests(_ files: RepositoryFiles, _ commit: ObjectID?) throws -> [Diagnostic] {
        let committed = try commit.map { try repository.files(under: "", at: $0) } ?? []
        var paths = committed.filter { $0.kind == .file }.map(\.path)
        if case .workTree(let top) = files.origin {
            let names = try Folder.names(in: top).filter { $0 != ".git" }
            paths = paths.filter { FileStatus.isFile(top + "/" + $0) }
            paths += try repository.changedPaths(under: names).map(\.path)
        }
        return try Set(paths).filter(Self.mayBeManifest).sorted().prefix(Self.filesLookedInto)
            .filter { try isManifest($0, files) }
            .prefix(10).map(Self.misplaced)
    }

    /// Records of versions are YAML too.
    private static func mayBeManifest(_ path: String) -> Bool {
        let name = path.lowercased()
        return (name.hasSuffix(".yaml") || name.hasSuffix(".yml")) && !path.hasPrefix("versions/")
    }

    private func isManifest(_ path: String, _ files: RepositoryFiles) throws -> Bool {
        let bytes: [UInt8]
        switch files.origin {
        case .workTree(let top):
            guard FileStatus.isFile(top + "/" + path) else { return false }
            bytes = try OpenFile(top + "/" + path, .read).read(upTo: Self.bytesLookedInto)
        case .commit(let repository, let commit):
            guard let file = try repository.file(at: path, in: commit),
                try repository.size(of: file.id) <= Self.bytesLookedInto
            else { return false }
            bytes = try repository.blob(file.id)
        }
        return bytes.split(separator: UInt8(ascii: "\n")).contains { line in
            line.starts(with: "apiVersion:".utf8) && line.contains("ftops/".utf8)
        }
    }

    private static func misplaced(_ path: String) -> Diagnostic {
        let start = SourcePosition(line: 1, column: 1)
        let isBelow = path.hasPrefix("manifests/")
        return Diagnostic(
            "misplaced-manifest",
            isBelow
                ? "this manifest is not read: its name has to end in .yaml or .yml, in small letters"
                : "this manifest is not read: only those below manifests/ at the top of the repository are",
            range: SourceRange(file: path, start: start, end: start),
            notes: [isBelow ? "rename it" : "move it there, as by `git mv \(path) manifests/`"]
        )
    }
}
