//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CZlib

/// Gzip by zlib; several members one after the other are one file.
final class GzipCodec: Codec {
    private let stream: UnsafeMutablePointer<z_stream>
    private(set) var isAtEnd = true

    init() throws(CompressionError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard czlib_inflate_init_gzip(stream) == Z_OK else {
            stream.deallocate()
            throw CompressionError("zlib cannot start")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    func decompress(_ input: [UInt8], to output: ([UInt8]) throws -> Void) throws {
        try input.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            stream.pointee.next_in = UnsafeMutablePointer(mutating: base)
            stream.pointee.avail_in = UInt32(buffer.count)
            while true {
                if isAtEnd {
                    skipPadding()
                    guard stream.pointee.avail_in > 0 else { return }
                    isAtEnd = false
                    inflateReset(stream)
                }
                let piece = try piece()
                if !piece.isEmpty { try output(piece) }
                if stream.pointee.avail_in == 0, piece.count < Decompressor.pieceSize { return }
            }
        }
    }

    /// Some writers fill the last block of a tape, or of a file, with zeros.
    private func skipPadding() {
        while stream.pointee.avail_in > 0, let next = stream.pointee.next_in, next.pointee == 0 {
            stream.pointee.next_in = next + 1
            stream.pointee.avail_in -= 1
        }
    }

    private func piece() throws -> [UInt8] {
        var result = Z_OK
        let piece = [UInt8](unsafeUninitializedCapacity: Decompressor.pieceSize) { buffer, count in
            stream.pointee.next_out = buffer.baseAddress
            stream.pointee.avail_out = UInt32(buffer.count)
            result = inflate(stream, Z_NO_FLUSH)
            count = buffer.count - Int(stream.pointee.avail_out)
        }
        switch result {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END: isAtEnd = true
        default: throw CompressionError("the gzip file is damaged")
        }
        return piece
    }
}
