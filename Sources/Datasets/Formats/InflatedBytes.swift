//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Compression

/// The bytes of a source, decompressed where they were compressed, without a byte order mark before them.
///
/// A bomb costs time up to its limit and no memory.
final class InflatedBytes {
    private let name: String
    private let next: RowSource.NextChunk
    private let limits: DecodingLimits
    private var decompressor: Decompressor?
    private var isStarted = false
    private var isBehindMark = false
    /// Whether there was a byte order mark, once there are bytes.
    private var hasMark = false
    private var isAtEnd = false
    private var ready: [[UInt8]] = []
    private var taken = 0
    private var given = 0

    init(_ source: RowSource, _ limits: DecodingLimits) throws(DatasetError) {
        name = source.name
        self.limits = limits
        next = try source.open()
    }

    /// The next bytes, or nothing at the end.
    func nextChunk() throws -> [UInt8]? {
        guard !isBehindMark else { return try nextPiece() }
        isBehindMark = true
        let mark = FileSignature.byteOrderMark
        guard var start = try nextPiece() else { return nil }
        while start.count < mark.count, mark.starts(with: start), let more = try nextPiece() { start += more }
        hasMark = start.starts(with: mark)
        return hasMark ? Array(start.dropFirst(mark.count)) : start
    }

    private func nextPiece() throws -> [UInt8]? {
        while ready.isEmpty {
            guard !isAtEnd, let chunk = try isStarted ? next() : start() else {
                isAtEnd = true
                do { try decompressor?.finish() } catch { throw unreadable(error) }
                return nil
            }
            taken += chunk.count
            if decompressor == nil { return chunk }
            try inflate(chunk)
        }
        return ready.popLast()
    }

    /// The first bytes, enough of them to tell whether they were compressed.
    private func start() throws -> [UInt8]? {
        isStarted = true
        guard var start = try next() else { return nil }
        while start.count < 4, let more = try next() { start += more }
        decompressor = try CompressionKind(start: start).map { try Decompressor($0) }
        return start
    }

    /// How a file begins.
    struct Beginning {
        /// Its first bytes.
        var bytes: [UInt8] = []
        var isCompressed = false
        var hasMark = false
    }

    /// The first bytes, at least so many where there are.
    func beginning(_ count: Int) throws -> Beginning {
        var start: [UInt8] = []
        while start.count < count, let more = try nextChunk() { start += more }
        return Beginning(bytes: start, isCompressed: decompressor != nil, hasMark: hasMark)
    }

    private func inflate(_ chunk: [UInt8]) throws {
        do {
            try decompressor?.decompress(chunk) { piece in
                given += piece.count
                try checkLimits()
                ready.append(piece)
            }
        } catch let error as CompressionError {
            throw unreadable(error)
        }
        ready.reverse()
    }

    private func unreadable(_ error: any Error) -> DatasetError {
        DatasetError(.unreadable, "cannot read \(name): \(error)")
    }

    private func checkLimits() throws(DatasetError) {
        if given > limits.size {
            throw DatasetError(
                .unreadable,
                "\(name) decompresses to more than the \(limits.size) bytes that FTOPS_DOWNLOAD_LIMIT allows"
            )
        }
        let (allowed, isEndless) = taken.multipliedReportingOverflow(by: limits.ratio)
        guard !isEndless, given > DecodingLimits.free, given > allowed else { return }
        throw DatasetError(
            .unreadable,
            "\(name) decompresses to more than \(limits.ratio) times its size; where that is meant, set "
                + "FTOPS_COMPRESSION_RATIO to a larger number"
        )
    }
}
