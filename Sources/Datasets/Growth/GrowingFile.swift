//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
internal import POSIX
internal import Resources
internal import Synchronization

/// The first bytes of a file, told by how many there are and by their digest: nothing else proves that they are still
/// the same.
struct FilePrefix: Hashable, Sendable {
    /// How many bytes.
    let length: Int
    /// Their SHA-256.
    let digest: ContentDigest
}

/// How far a file's rows are known: what an earlier look at the file knew, and what is known now.
struct Growth: Hashable, Sendable {
    /// The lines that were known before, if any.
    var start: FilePrefix?
    /// The whole lines.
    var lines: FilePrefix
    /// The bytes of the file, which may have a last line without an end.
    var size: Int
    /// The rows that it had when it was smaller.
    var past: [PastRows]
}

/// A file of lines that grows at its end. It is opened once, so that all that is read of it is of one file.
struct GrowingFile: Sendable {
    private let name: String
    private let file: OpenFile
    /// Its size when it was opened.
    let size: Int
    /// Where its last whole line ends; what follows may become another line.
    let end: Int

    /// Bytes that are read at once.
    private static let pieceSize = 1 << 20

    /// Opens the file of a source; nothing where the source is none that has its rows as they are, or has no line.
    init?(_ source: RowSource) throws {
        guard let path = source.path, source.isAsWritten, FileStatus.isFile(path) else { return nil }
        name = source.name
        file = try OpenFile(path, .read)
        size = try file.size()
        guard let end = try Self.lastLine(of: file, size) else { return nil }
        self.end = end
    }

    private static func lastLine(of file: OpenFile, _ size: Int) throws -> Int? {
        var start = size
        var length = 1 << 12
        while start > 0, size - start <= LineReader.lineLimit {
            let from = max(0, start - length)
            let bytes = try file.read(upTo: start - from, at: from)
            if let index = bytes.lastIndex(of: 0x0A) { return from + index + 1 }
            (start, length) = (from, pieceSize)
        }
        return nil
    }

    /// The digest of the first bytes, to be gone on with, if they are those.
    func hasher(of prefix: FilePrefix) throws -> SHA256Hasher? {
        guard prefix.length <= end else { return nil }
        let all = stretch(0..<prefix.length, SHA256Hasher())
        try all.rows.forEachChunk { _ in }
        let hasher = all.hasher
        return ContentDigest(hasher.digest) == prefix.digest ? hasher : nil
    }

    /// A part of the file, to be read once; `hasher` has digested what stands before it.
    func stretch(_ range: Range<Int>, _ hasher: SHA256Hasher) -> FileStretch {
        let digested = FileStretch.Digested(hasher)
        let (name, file) = (name, file)
        let rows = RowSource(name: name) {
            digested.hasher.withLock { $0 = hasher }
            var place = range.lowerBound
            return {
                guard place < range.upperBound else { return nil }
                let chunk = try file.read(upTo: min(Self.pieceSize, range.upperBound - place), at: place)
                guard !chunk.isEmpty else { throw DatasetError.changed(name) }
                place += chunk.count
                digested.hasher.withLock { $0.update(chunk) }
                return chunk
            }
        }
        return FileStretch(rows: rows, digested: digested)
    }
}

/// A part of a file, digested as it is read.
struct FileStretch: Sendable {
    /// Its lines.
    let rows: RowSource
    fileprivate let digested: Digested

    fileprivate final class Digested: Sendable {
        let hasher: Mutex<SHA256Hasher>

        init(_ hasher: SHA256Hasher) { self.hasher = Mutex(hasher) }
    }

    /// What has digested the file up to where it was read.
    var hasher: SHA256Hasher { digested.hasher.withLock { $0 } }
}

extension RowSource {
    /// Whether a file's bytes are the rows, and nothing was made of them.
    var isAsWritten: Bool { origin == nil && locate == nil && mixed == nil }
}
