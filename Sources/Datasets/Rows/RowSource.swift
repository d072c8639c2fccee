//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
internal import POSIX
internal import Resources

/// Where a row stands, for those who look for it.
package struct RowPlace: Hashable, Sendable {
    /// The file's path from the top of the manifest repository, or the address of the source.
    package var file: String
    /// The line that it starts on, or its number where the file has no lines; from 1.
    package var number: Int
    /// Whether the number counts rows and not lines.
    package var countsRows = false
    /// Whether the line reads as the row does, so that columns of one are columns of the other.
    package var isAsWritten = true
}

/// The bytes of a file of rows, held in memory or read bit by bit, with the name by which errors call it.
package struct RowSource: Sendable {
    /// Gives the next bytes, or nothing at the end.
    package typealias NextChunk = () throws -> [UInt8]?

    /// The file's path from the top of the manifest repository.
    package let name: String
    /// Bytes that are read at once: enough that a piece is worth a processor's while.
    private static let pieceSize = 1 << 20

    private let start: @Sendable () throws -> NextChunk
    /// The path of the file on disk that has exactly these bytes.
    package private(set) var path: String?
    /// The bytes that the rows are made of, where they are no longer those themselves.
    var origin: (@Sendable () throws -> NextChunk)?
    /// Where lines of this source come from, where they do not stand in it as they are.
    var locate: (@Sendable ([Int]) throws -> [RowPlace])?

    /// Of a mixture, what the last pass over all rows took and left; nothing before there was one.
    var mixed: (@Sendable () -> (taken: Int, left: Int)?)?

    /// Makes a source that is read from its start each time that `start` is called.
    package init(name: String, start: @escaping @Sendable () throws -> NextChunk) {
        self.name = name
        self.start = start
    }

    /// Makes a source of bytes in memory, such as a git blob.
    package init(name: String, bytes: [UInt8]) {
        self.init(name: name) {
            var start = 0
            return {
                guard start < bytes.count else { return nil }
                defer { start += Self.pieceSize }
                return Array(bytes[start..<min(start + Self.pieceSize, bytes.count)])
            }
        }
    }

    /// Makes a source of a file on disk, of which a piece at a time is in memory.
    package init(name: String, path: String, chunkSize: Int = Self.pieceSize) {
        self.init(name: name) {
            guard !FileStatus.isFolder(path) else {
                throw DatasetError(.unreadable, "cannot read \(name): it is a folder")
            }
            let file = try OpenFile(path, .read)
            guard FileStatus.isFile(path) else {
                return {
                    let chunk = try file.read(upTo: chunkSize)
                    return chunk.isEmpty ? nil : chunk
                }
            }
            var place = 0
            return {
                var chunk = try file.read(upTo: chunkSize, at: place)
                chunk.endWithLine()
                place += chunk.count
                return chunk.isEmpty ? nil : chunk
            }
        }
        self.path = path
    }

    /// Makes a source of several sources of lines, read one after the other.
    init(name: String, parts: [RowSource]) {
        self.init(name: name) {
            Self.chain(parts, endsLines: true) { try $0.start() }
        }
    }

    /// The bytes of several sources, one after the other; of lines, the last of a source may lack its end, and would run
    /// on in the next one.
    static func chain(
        _ parts: [RowSource],
        endsLines: Bool = false,
        _ open: @escaping (RowSource) throws -> NextChunk
    ) -> NextChunk {
        var rest = parts[...]
        var next: NextChunk?
        var isLineOpen = false
        return {
            while true {
                if let chunk = try next?() {
                    isLineOpen = chunk.last != 0x0A
                    return chunk
                }
                guard let part = rest.popFirst() else { return nil }
                next = try open(part)
                if endsLines, isLineOpen {
                    isLineOpen = false
                    return [0x0A]
                }
            }
        }
    }

    /// What tells its bytes without reading them; nothing where only they themselves do.
    var identity: SourceIdentity? { path.flatMap { SourceIdentity(path: $0) } }

    /// The SHA-256 of the bytes that the rows are made of.
    func originDigest() throws -> ContentDigest {
        var hasher = SHA256Hasher()
        let next = try openOrigin()
        while let chunk = try next() { hasher.update(chunk) }
        return ContentDigest(hasher.finalize())
    }

    /// Hands over all bytes, some at a time.
    package func forEachChunk(_ body: ([UInt8]) throws -> Void) throws {
        let next = try open()
        while let chunk = try next() { try body(chunk) }
    }

    /// Opens the bytes that the rows are made of.
    func openOrigin() throws -> NextChunk { try (origin ?? start)() }

    /// Where lines of this source, counted from 1, come from.
    func places(of lines: [Int]) throws -> [RowPlace] {
        if let locate { return try locate(lines) }
        return lines.map { RowPlace(file: name, number: $0) }
    }

    func open() throws(DatasetError) -> NextChunk {
        do { return try start() } catch { throw .unreadable(name, error) }
    }
}

extension [UInt8] {
    /// How far from its end a piece is cut at most: of what has lines so seldom it would be too much to read again.
    private static let farthestCut = 1 << 16

    /// Lets go what stands behind the last line's end: to read it again costs less than to put the rest of a line before
    /// the next piece.
    fileprivate mutating func endWithLine() {
        guard let end = suffix(Self.farthestCut).lastIndex(of: UInt8(ascii: "\n")) else { return }
        removeLast(count - end - 1)
    }
}
