//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// A SHA-256 digest.
package struct SHA256Digest: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The digest as four big-endian words: 32 bytes, where the hexadecimal text has 64.
    package let words: (UInt64, UInt64, UInt64, UInt64)

    /// Makes a digest from 64 lowercase hexadecimal digits, and nothing from anything else.
    package init?(hex: String) {
        let digits = Array(hex.utf8)
        guard digits.count == 64 else { return nil }
        var words: [UInt64] = [0, 0, 0, 0]
        for (index, digit) in digits.enumerated() {
            guard let value = Self.value(of: digit) else { return nil }
            words[index / 16] = words[index / 16] << 4 | value
        }
        self.words = (words[0], words[1], words[2], words[3])
    }

    /// Makes a digest from its 32 bytes, as they lie in memory.
    init(bigEndian words: (UInt64, UInt64, UInt64, UInt64)) {
        self.words = (
            UInt64(bigEndian: words.0), UInt64(bigEndian: words.1), UInt64(bigEndian: words.2),
            UInt64(bigEndian: words.3)
        )
    }

    /// How many bytes a digest has.
    package static let size = 32

    /// Makes a digest from its 32 bytes; nothing from any other number of them.
    package init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count == Self.size else { return nil }
        let words = bytes.withUnsafeBytes { $0.loadUnaligned(as: (UInt64, UInt64, UInt64, UInt64).self) }
        self.init(bigEndian: words)
    }

    /// Appends the 32 bytes.
    package func write(to bytes: inout [UInt8]) {
        let words = (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian)
        withUnsafeBytes(of: words) { bytes.append(contentsOf: $0) }
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
    package var hex: String {
        var text: [UInt8] = []
        text.reserveCapacity(64)
        for word in [words.0, words.1, words.2, words.3] {
            for shift in stride(from: UInt64(60), through: 0, by: -4) {
                text.append(Self.digit(UInt8(truncatingIfNeeded: word >> shift) & 15))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The 64 hexadecimal digits.
    package var description: String { hex }

    /// Whether two digests are the same.
    package static func == (left: SHA256Digest, right: SHA256Digest) -> Bool { left.words == right.words }

    /// Orders digests as their hexadecimal digits.
    package static func < (left: SHA256Digest, right: SHA256Digest) -> Bool { left.words < right.words }

    /// Feeds the digest to a hasher of Swift's; a part of it tells it from others as well as all of it.
    package func hash(into hasher: inout Hasher) { hasher.combine(words.0) }

    private static func value(of digit: UInt8) -> UInt64? {
        switch digit {
        case 0x30...0x39: UInt64(digit - 0x30)
        case 0x61...0x66: UInt64(digit - 0x57)
        default: nil
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : 0x57 + value
    }
}
