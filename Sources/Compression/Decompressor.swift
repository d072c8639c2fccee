//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// How a file was compressed.
package enum CompressionKind: String, Hashable, Sendable {
    case gzip
    case zstd

    /// Tells it by a file's first bytes; nothing where it was not compressed.
    package init?(start: some Sequence<UInt8>) {
        let bytes = Array(start.prefix(4))
        if bytes.starts(with: [0x1F, 0x8B]) {
            self = .gzip
        } else if bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
            self = .zstd
        } else {
            return nil
        }
    }
}

/// Decompresses a stream of bytes that come in parts.
package struct Decompressor: ~Copyable {
    /// Bytes of the result that are handed over at once.
    static let pieceSize = 1 << 18

    private let codec: any Codec

    /// Starts with nothing.
    package init(_ kind: CompressionKind) throws(CompressionError) {
        switch kind {
        case .gzip: codec = try GzipCodec()
        case .zstd: codec = try ZstdCodec()
        }
    }

    /// Takes the next bytes and hands over what they become, piece by piece.
    package mutating func decompress(_ input: [UInt8], to output: ([UInt8]) throws -> Void) throws {
        try codec.decompress(input, to: output)
    }

    /// Checks that the stream has come to its end.
    package func finish() throws(CompressionError) {
        guard codec.isAtEnd else { throw CompressionError("the compressed file ends too early: it was cut off") }
    }
}

/// One way to decompress.
protocol Codec: AnyObject {
    /// Whether all that was taken is whole.
    var isAtEnd: Bool { get }
    func decompress(_ input: [UInt8], to output: ([UInt8]) throws -> Void) throws
}
