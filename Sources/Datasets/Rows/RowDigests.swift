//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
package import Resources

/// The digests of all rows of a rendering, in order: by them two renderings are compared without their rows. A row that
/// is there twice has two. Of any number only some are in memory at once.
package struct RowDigests: Sendable {
    /// Digests that were put into a file in order.
    private struct Run {
        /// Where they begin.
        let place: Int
        let count: Int
    }

    /// How many there are.
    package private(set) var count = 0
    private var latest: [SHA256Digest] = []
    private var file: UnnamedFile?
    private var runs: [Run] = []
    private var written = 0
    /// How many are in memory.
    private let limit: Int

    /// Makes those of no row; of any number so many are in memory, of 32 bytes each.
    init(limit: Int = 1 << 20) { self.limit = limit }

    /// Adds digests in any order.
    mutating func append(_ digests: [SHA256Digest]) throws {
        count += digests.count
        latest += digests
        if latest.count >= limit { try flush() }
    }

    private mutating func flush() throws {
        let file = try self.file ?? UnnamedFile()
        self.file = file
        latest.sort()
        let place = written
        for start in stride(from: 0, to: latest.count, by: DigestRun.pieceCount) {
            let piece = latest[start..<min(start + DigestRun.pieceCount, latest.count)]
            var bytes: [UInt8] = []
            bytes.reserveCapacity(piece.count * SHA256Digest.size)
            for digest in piece { digest.write(to: &bytes) }
            try file.append(bytes)
            written += bytes.count
        }
        runs.append(Run(place: place, count: latest.count))
        latest.removeAll(keepingCapacity: true)
    }

    /// Reads all of them in order.
    package func makeReader() -> RowDigestReader {
        var parts = [DigestRun(latest.sorted())]
        if let file { parts += runs.map { DigestRun(file, place: $0.place, count: $0.count) } }
        return RowDigestReader(parts)
    }

    /// Hands over the form in which a version keeps them, some lines at once: one digest a line.
    package func forEachPart(_ body: ([UInt8]) throws -> Void) throws {
        var reader = makeReader()
        var text: [UInt8] = []
        while let digest = try reader.next() {
            text.append(contentsOf: digest.rawValue.utf8)
            text.append(UInt8(ascii: "\n"))
            if text.count >= 1 << 20 {
                try body(text)
                text.removeAll(keepingCapacity: true)
            }
        }
        if !text.isEmpty { try body(text) }
    }
}

/// Reads digests that lie in several runs, each in order.
package struct RowDigestReader {
    private var runs: [DigestRun]
    private var heads: [SHA256Digest] = []
    private var isStarted = false

    fileprivate init(_ runs: [DigestRun]) { self.runs = runs }

    /// The next one; nothing at the end.
    package mutating func next() throws -> ContentDigest? {
        if !isStarted { try start() }
        guard let first = heads.indices.min(by: { heads[$0] < heads[$1] }) else { return nil }
        let digest = heads[first]
        if let head = try runs[first].next() {
            heads[first] = head
        } else {
            heads.remove(at: first)
            runs.remove(at: first)
        }
        return ContentDigest(digest)
    }

    private mutating func start() throws {
        isStarted = true
        for index in runs.indices.reversed() {
            if let head = try runs[index].next() { heads.insert(head, at: 0) } else { runs.remove(at: index) }
        }
    }
}

/// Digests in order, read piece by piece where they lie in a file.
private struct DigestRun {
    /// How many are read at once.
    static let pieceCount = 4096

    private var piece: [SHA256Digest]
    private var index = 0
    private var rest: (file: UnnamedFile, place: Int, count: Int)?

    init(_ digests: [SHA256Digest]) { piece = digests }

    init(_ file: UnnamedFile, place: Int, count: Int) {
        piece = []
        rest = (file, place, count)
    }

    mutating func next() throws -> SHA256Digest? {
        if index == piece.count { try read() }
        guard index < piece.count else { return nil }
        defer { index += 1 }
        return piece[index]
    }

    private mutating func read() throws {
        guard let (file, place, count) = rest, count > 0 else { return }
        let size = SHA256Digest.size
        let taken = min(count, Self.pieceCount)
        let bytes = try file.read(place, count: taken * size)
        piece = (0..<taken).compactMap { SHA256Digest(bytes[($0 * size)..<(($0 + 1) * size)]) }
        index = 0
        rest = (file, place + taken * size, count - taken)
    }
}
