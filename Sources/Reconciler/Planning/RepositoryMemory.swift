//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Datasets
internal import Digest
internal import Ledger
internal import POSIX
internal import Packing

/// What this machine remembers of a repository's files from one command to the next.
///
/// It is one file of the cache, which may be deleted at any time. All in it goes by the content that it was read from, so
/// that nothing can be out of date. A file that is damaged, or that another build of ftops wrote, is passed over and
/// written anew; it is put in place whole, so that commands side by side and killed ones do no harm.
final class RepositoryMemory {
    /// Repositories that are remembered at most.
    private static let limit = 64
    /// Bytes that a file has at most.
    private static let sizeLimit = 256 << 20
    private static let digestSize = 32

    private let path: String
    private lazy var contents = Background { [path] in
        let reading = Self.load(path)
        return (reading: reading, records: RecordMemory(reading))
    }
    /// What was parsed.
    var reading: ReadingMemory { contents.value.reading }
    /// Versions and runs.
    var records: RecordMemory { contents.value.records }

    /// Remembers in a folder of the cache.
    init(folder: String, repository: String) {
        path = "\(folder)/\(SHA256Digest.of(repository).hex.prefix(32)).bin"
    }

    /// Begins to recall, for those who have something else to do first.
    func readAhead() { _ = contents }

    /// Keeps what was read for the next command; where that cannot be, the next one reads it again.
    func keep() {
        guard let bytes = reading.packed(), bytes.count < Self.sizeLimit - Self.digestSize else { return }
        do {
            let folder = Folder.parent(of: path)
            try Folder.make(folder)
            try evict(from: folder)
            let pending = try PendingFile(for: path)
            try pending.file.write(Self.digest(bytes[...]) + bytes)
            try pending.replace(permissions: 0o600)
        } catch {
            return
        }
    }

    private static func load(_ path: String) -> ReadingMemory {
        guard let bytes = try? FileContents.readIfPresent(path, limit: sizeLimit), bytes.count > digestSize,
            digest(bytes.dropFirst(digestSize)).elementsEqual(bytes.prefix(digestSize)),
            let memory = ReadingMemory(packed: bytes.dropFirst(digestSize))
        else { return ReadingMemory() }
        return memory
    }

    /// The digest over the program that wrote the bytes and the bytes: what either does not match is not ours.
    private static func digest(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var hasher = SHA256Hasher()
        hasher.update("\(NoteFolder.program ?? "")\n")
        hasher.update(bytes)
        let words = hasher.finalize().words
        return [words.0, words.1, words.2, words.3].flatMap { word in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> UInt64($0)) }
        }
    }

    /// Makes room for one more repository where there are many, at the cost of those that were written longest ago.
    private func evict(from folder: String) throws {
        let names = try Folder.names(in: folder)
        guard names.count >= Self.limit else { return }
        let aged = names.compactMap { name in (try? FileStatus.of(folder + "/" + name))?.map { (name, $0.changed) } }
        for (name, _) in aged.sorted(by: { $0.1 < $1.1 }).prefix(names.count - Self.limit / 2) {
            try Folder.remove(folder + "/" + name)
        }
    }
}
