//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CZstd

/// Zstandard by libzstd; several frames one after the other are one file.
final class ZstdCodec: Codec {
    private let stream: OpaquePointer
    private(set) var isAtEnd = true

    init() throws(CompressionError) {
        guard let stream = ZSTD_createDStream() else { throw CompressionError("libzstd cannot start") }
        self.stream = stream
    }

    deinit { ZSTD_freeDStream(stream) }

    func decompress(_ input: [UInt8], to output: ([UInt8]) throws -> Void) throws {
        try input.withUnsafeBytes { bytes in
            var source = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
            while source.pos < source.size || !isAtEnd {
                let before = source.pos
                let piece = try piece(&source)
                if !piece.isEmpty { try output(piece) }
                // Nothing more comes of what is there: the rest of the frame is in the next part.
                if source.pos == source.size, piece.count < Decompressor.pieceSize { return }
                if source.pos == before, piece.isEmpty { return }
            }
        }
    }

    private func piece(_ source: inout ZSTD_inBuffer) throws -> [UInt8] {
        var result = 0
        let piece = [UInt8](unsafeUninitializedCapacity: Decompressor.pieceSize) { buffer, count in
            var target = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
            result = ZSTD_decompressStream(stream, &target, &source)
            count = target.pos
        }
        guard ZSTD_isError(result) == 0 else {
            let reason = ZSTD_getErrorName(result).map { String(cString: $0) } ?? "unknown"
            throw CompressionError("the zstd file is damaged, or needs more memory than 128 MiB: \(reason)")
        }
        isAtEnd = result == 0
        return piece
    }
}
