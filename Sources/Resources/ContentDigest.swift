//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// A SHA-256 as 64 lowercase hexadecimal digits.
package struct ContentDigest: RawRepresentable, Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The digest as four big-endian words: 32 bytes at hand, where the text has 64 that lie elsewhere.
    package let words: (UInt64, UInt64, UInt64, UInt64)

    /// Makes a digest from its words.
    package init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// Makes a digest from its digits; nothing where the text has another form.
    package init?(rawValue: String) { self.init(digits: rawValue.utf8) }

    /// Makes a digest from its digits as bytes; nothing where they have another form.
    package init?(_ digits: ArraySlice<UInt8>) { self.init(digits: digits) }

    /// Makes a digest from its digits; nothing where they have another form.
    init?(digits: some Sequence<UInt8>) {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        var count = 0
        for digit in digits {
            guard count < 64, let value = Self.value(of: digit) else { return nil }
            switch count >> 4 {
            case 0: words.0 = words.0 << 4 | value
            case 1: words.1 = words.1 << 4 | value
            case 2: words.2 = words.2 << 4 | value
            default: words.3 = words.3 << 4 | value
            }
            count += 1
        }
        guard count == 64 else { return nil }
        self.words = words
    }

    /// The 64 digits.
    package var rawValue: String { text(of: [words.0, words.1, words.2, words.3], digits: 64) }

    /// The first twelve digits, for names.
    package var short: String { text(of: [words.0], digits: 12) }

    /// The 64 digits.
    package var description: String { rawValue }

    /// Whether two digests are the same; by their texts, as of other raw values, it would take longer.
    package static func == (left: ContentDigest, right: ContentDigest) -> Bool { left.words == right.words }

    /// Feeds the digest to a hasher.
    package func hash(into hasher: inout Hasher) {
        // All of a digest that somebody else wrote may be chosen, so that all of it counts.
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
    }

    /// Orders digests by their digits.
    package static func < (left: ContentDigest, right: ContentDigest) -> Bool { left.words < right.words }

    private static func value(of digit: UInt8) -> UInt64? {
        switch digit {
        case 0x30...0x39: UInt64(digit - 0x30)
        case 0x61...0x66: UInt64(digit - 0x57)
        default: nil
        }
    }

    private func text(of words: [UInt64], digits: Int) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(digits)
        for index in 0..<digits {
            let value = UInt8(truncatingIfNeeded: words[index >> 4] >> UInt64(60 - (index & 15) * 4)) & 15
            text.append(value < 10 ? 0x30 + value : 0x57 + value)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
