//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// A SHA-256 digest: 32 bytes, written as 64 lowercase hexadecimal digits.
package struct SHA256Digest: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The digest as 64 lowercase hexadecimal digits.
    package let hex: String

    /// Makes a digest from 64 lowercase hexadecimal digits, and nothing from anything else.
    package init?(hex: String) {
        let digits = hex.utf8
        guard digits.count == 64, digits.allSatisfy(Self.isHexDigit) else { return nil }
        self.hex = hex
    }

    init(bytes: [UInt8]) {
        var text: [UInt8] = []
        text.reserveCapacity(64)
        for byte in bytes {
            text.append(Self.digit(byte >> 4))
            text.append(Self.digit(byte & 15))
        }
        hex = String(decoding: text, as: UTF8.self)
    }

    /// The digest of bytes held in memory.
    package static func of(_ bytes: some Sequence<UInt8>) -> SHA256Digest {
        var hasher = SHA256Hasher()
        hasher.update(Array(bytes))
        return hasher.finalize()
    }

    /// The digest of a text's UTF-8 bytes.
    package static func of(_ text: String) -> SHA256Digest {
        of(text.utf8)
    }

    /// The 64 hexadecimal digits.
    package var description: String { hex }

    /// Orders digests by their hexadecimal digits.
    package static func < (left: SHA256Digest, right: SHA256Digest) -> Bool { left.hex < right.hex }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : 0x57 + value
    }
}
