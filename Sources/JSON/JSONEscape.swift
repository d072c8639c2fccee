//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// The escapes of JSON's strings, in bytes.
enum JSONEscape {
    /// The scalar that a `\u` with four digits, or a pair of them, names at the start of some bytes, and how many bytes
    /// say it; nothing for any other text and for half of a surrogate pair.
    static func scalar(at bytes: UnsafePointer<UInt8>, count: Int) -> (scalar: UnicodeScalar, length: Int)? {
        guard let high = codeUnit(at: bytes, count: count) else { return nil }
        if let scalar = UnicodeScalar(high) { return (scalar, 6) }
        guard high < 0xDC00, let low = codeUnit(at: bytes + 6, count: count - 6), 0xDC00..<0xE000 ~= low,
            let scalar = UnicodeScalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
        else { return nil }
        return (scalar, 12)
    }

    private static func codeUnit(at bytes: UnsafePointer<UInt8>, count: Int) -> UInt32? {
        guard count >= 6, bytes[0] == UInt8(ascii: "\\"), bytes[1] == UInt8(ascii: "u") else { return nil }
        return hexValue(UnsafeRawPointer(bytes + 2).loadUnaligned(as: UInt32.self).littleEndian)
    }

    /// The value of four hexadecimal digits, the first of which is in the lowest byte.
    ///
    /// All four are looked at together, as which of them are letters cannot be foreseen.
    private static func hexValue(_ digits: UInt32) -> UInt32? {
        let (each, high): (UInt32, UInt32) = (0x0101_0101, 0x8080_8080)
        // The highest bit of each byte of ASCII that is not below another.
        func isAtLeast(_ least: UInt32, _ bytes: UInt32) -> UInt32 { (bytes | high) &- (least &* each) }
        let small = digits | 0x2020_2020
        let areDigits = isAtLeast(0x30, digits) & ~isAtLeast(0x3A, digits)
        let areLetters = isAtLeast(0x61, small) & ~isAtLeast(0x67, small)
        guard digits & high == 0, (areDigits | areLetters) & high == high else { return nil }
        // A letter's lowest bits count from 1, and its bit of 64 tells it from a figure.
        let values = (digits & 0x0F0F_0F0F) &+ ((digits >> 6 & each) &* 9)
        return (values & 0xF) << 12 | (values >> 8 & 0xF) << 8 | (values >> 16 & 0xF) << 4 | values >> 24
    }

    /// The value of a hexadecimal digit.
    static func hexValue(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x30...0x39: UInt32(byte - 0x30)
        case 0x41...0x46: UInt32(byte - 0x37)
        case 0x61...0x66: UInt32(byte - 0x57)
        default: nil
        }
    }
}

extension [UInt8] {
    /// Appends a part of some bytes.
    package mutating func append(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) {
        bytes.extracting(range).withUnsafeBufferPointer { part in
            append(contentsOf: part)
        }
    }

    /// Appends the text of a JSON string that `JSONMemberScanner` vouched for, its escapes undone.
    package mutating func appendUnescaped(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) {
        bytes.extracting(range).withUnsafeBufferPointer { part in
            guard let base = part.baseAddress else { return }
            var written = 0
            while let slash = base.index(of: UInt8(ascii: "\\"), from: written, to: part.count) {
                append(contentsOf: UnsafeBufferPointer(rebasing: part[written..<slash]))
                written = slash + appendEscaped(at: base + slash, count: part.count - slash)
            }
            append(contentsOf: UnsafeBufferPointer(rebasing: part[written...]))
        }
    }

    /// Appends what an escape stands for, and returns its length.
    private mutating func appendEscaped(at bytes: UnsafePointer<UInt8>, count: Int) -> Int {
        guard count > 1 else { return count }
        switch bytes[1] {
        case 0x62: append(0x08)
        case 0x66: append(0x0C)
        case 0x6E: append(0x0A)
        case 0x72: append(0x0D)
        case 0x74: append(0x09)
        case 0x75:
            guard let (scalar, length) = JSONEscape.scalar(at: bytes, count: count) else { return count }
            append(contentsOf: Unicode.UTF8.encode(scalar) ?? Unicode.UTF8.encodedReplacementCharacter)
            return length
        default: append(bytes[1])
        }
        return 2
    }

    /// Appends bytes of UTF-8 as the inside of a JSON string, escaped as RFC 8785 section 3.2.2.2 asks.
    package mutating func appendEscaped(_ bytes: borrowing Span<UInt8>) {
        bytes.withUnsafeBufferPointer { part in
            guard let base = part.baseAddress else { return }
            var written = 0
            while let place = base.indexOfEscape(from: written, to: part.count) {
                append(contentsOf: UnsafeBufferPointer(rebasing: part[written..<place]))
                JSONText.writeEscape(of: base[place], to: &self)
                written = place + 1
            }
            append(contentsOf: UnsafeBufferPointer(rebasing: part[written...]))
        }
    }
}

extension Span<UInt8> {
    /// The eight bytes from a place on, the first in the lowest place; zeros stand for what lies behind the end.
    package func word(at index: Int) -> UInt64 {
        guard index + 8 > count else { return withUnsafeBufferPointer { $0.baseAddress?.word(at: index) ?? 0 } }
        var word: UInt64 = 0
        for place in stride(from: count - 1, through: index, by: -1) { word = word << 8 | UInt64(self[place]) }
        return word
    }

    /// The first place of a byte at or behind a start.
    package func index(of byte: UInt8, from start: Int) -> Int? {
        withUnsafeBufferPointer { $0.baseAddress?.index(of: byte, from: start, to: $0.count) }
    }
}
