//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
internal import Git
internal import Planning
internal import Resources

extension RepositoryFiles {
    /// Bytes of a file in git that are read for a stranger at most: a few kilobytes there may become any number.
    private static let limitForStrangers = 256 << 20

    /// Why a file that is in the commit is not read for strangers; nothing where it is.
    func hindrance(of path: String, limit: Int) throws -> String? {
        guard isForStrangers, case .commit(let repository, let commit) = origin,
            let file = try repository.file(at: path, in: commit)
        else { return nil }
        let size = try repository.size(of: file.id)
        guard size <= min(limit, Self.limitForStrangers) else { return "\(path) has \(size) bytes, which is too much" }
        guard size <= LargeFilePointer.limit, LargeFilePointer.is(try repository.blob(file.id)) else { return nil }
        return "\(path) is a Git LFS pointer, and what it stands for is not fetched"
    }

    /// The files of a base model in a folder of the commit; nothing where no such base is there.
    func baseFiles(in folder: String, limit: Int) throws -> [VersionRecord.File]? {
        guard case .commit(let repository, let commit) = origin,
            let tree = try repository.folder(at: folder, in: commit)
        else { return nil }
        let entries = try repository.entries(of: tree).filter { BaseFolder.counts($0.name) && $0.kind != nil }
        let files = try entries.map { entry in
            let path = "\(folder)/\(entry.name)"
            guard entry.kind == .file || entry.kind == .executable else { throw Hindrance("\(path) is no file in git") }
            if let reason = try hindrance(of: path, limit: limit) { throw Hindrance(reason) }
            let bytes = try repository.blob(entry.id)
            let digest = ContentDigest(words: SHA256Digest.of(bytes).words)
            return VersionRecord.File(name: entry.name, size: bytes.count, sha256: digest)
        }
        let isBase = files.contains { $0.name == "config.json" } && files.contains { BaseFolder.isWeights($0.name) }
        return isBase ? files : nil
    }

    /// Why a file is not read.
    struct Hindrance: Error {
        let reason: String

        init(_ reason: String) { self.reason = reason }
    }
}

/// What git has in place of a file that lies in Git LFS.
private enum LargeFilePointer {
    /// Bytes that such a text has at most.
    static let limit = 1024

    static func `is`(_ bytes: [UInt8]) -> Bool { bytes.starts(with: "version https://git-lfs.github.com/spec/".utf8) }
}
