//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Datasets
internal import POSIX
internal import Resources
internal import Runs

/// Makes JSON lines of Parquet files through the trainer's environment, and keeps them in the cache by the digest of
/// the Parquet file.
struct ParquetRows: ParquetConversion {
    /// Raised when the same file is meant to become other lines.
    private static let version = 1

    let cache: String
    let launcher: @Sendable () throws -> TrainerLauncher
    let limit: Int
    /// Whether a program may be started for what the cache does not have.
    var converts = true

    func convert(_ source: RowSource, digest: ContentDigest) throws -> String {
        let folder = cache + "/rows"
        let path = "\(folder)/\(digest)-\(Self.version).jsonl"
        if FileStatus.isFile(path) { return path }
        guard converts else {
            throw DatasetError(
                unread: "\(source.name) is a Parquet file that the cache has no rows of, and none is converted"
            )
        }
        try Folder.make(folder)
        let pending = "\(folder)/pending-\(RandomBytes.hex(8))"
        defer {
            try? Folder.remove(pending)
            try? Folder.remove(pending + ".parquet")
        }
        let file = try source.path ?? copy(source, to: pending + ".parquet")
        if let reason = try launcher().writeRows(ofParquet: file, to: pending, limit: limit) {
            throw DatasetError(unreadable: "cannot read \(source.name) as Parquet: \(reason)")
        }
        let rows = try OpenFile(pending, .append)
        try rows.synchronize()
        rows.close()
        try Folder.move(pending, to: path)
        return path
    }

    private func copy(_ source: RowSource, to path: String) throws -> String {
        let file = try OpenFile(path, .create)
        try source.forEachChunk { try file.write($0) }
        file.close()
        return path
    }
}
