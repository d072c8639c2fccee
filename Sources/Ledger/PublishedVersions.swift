//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Git
package import Resources

/// The versions that a commit has.
package enum PublishedVersions {
    /// Every record under `versions/` of a commit, by model, number and id.
    package static func read(
        _ repository: GitRepository,
        _ commit: ObjectID,
        _ memory: RecordMemory = .ofProcess
    ) throws -> [VersionRecord] {
        let reading = FolderReading(repository: repository, isWanted: isRecord) { file in
            try record(repository, file)
        }
        guard let folder = try memory.versions.folder(at: VersionRecordCodec.folder, of: commit, reading) else {
            return []
        }
        var records: [VersionRecord] = []
        records.reserveCapacity(folder.count)
        folder.forEach { records.append($0) }
        let isBefore = { (left: VersionRecord, right: VersionRecord) in
            (left.model, left.number ?? .max, left.id) < (right.model, right.number ?? .max, right.id)
        }
        // In the order of paths they mostly are already.
        let isSorted = zip(records, records.dropFirst()).allSatisfy { !isBefore($1, $0) }
        return isSorted ? records : records.sorted(by: isBefore)
    }

    /// The records that can be read, and what is wrong with the others, by their paths.
    package static func readable(
        _ repository: GitRepository,
        _ commit: ObjectID
    ) throws -> (records: [VersionRecord], broken: [LedgerError]) {
        var (records, broken): ([VersionRecord], [LedgerError]) = ([], [])
        for file in try files(repository, commit) {
            do {
                records.append(try record(repository, file))
            } catch let error as LedgerError {
                broken.append(error)
            }
        }
        return (records, broken)
    }

    /// Whether a commit has any version, without reading one.
    package static func exist(_ repository: GitRepository, _ commit: ObjectID) throws -> Bool {
        try !files(repository, commit).isEmpty
    }

    private static func files(_ repository: GitRepository, _ commit: ObjectID) throws -> [TreeFile] {
        try repository.files(under: VersionRecordCodec.folder, at: commit).filter(isRecord)
    }

    /// Bytes that a record has at most; a few kilobytes of git may become any number in memory.
    private static let limit = 16 << 20

    private static func record(_ repository: GitRepository, _ file: TreeFile) throws -> VersionRecord {
        guard try repository.size(of: file.id) <= limit else {
            throw LedgerError(.broken, "\(file.path) has more than \(limit >> 20) MB: it is no version's record")
        }
        return try VersionRecordCodec.record(try repository.blob(file.id), at: file.path)
    }

    private static func isRecord(_ file: TreeFile) -> Bool {
        file.path.hasSuffix(".yaml") && (file.kind == .file || file.kind == .executable)
    }
}
