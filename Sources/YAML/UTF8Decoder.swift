//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Bytes to Unicode scalars, one at a time, stopping at what is no UTF-8 instead of replacing it.
struct UTF8Decoder {
    /// What the next bytes are.
    enum Item: Equatable {
        case scalar(Unicode.Scalar)
        case invalid(UInt8)
        case end
    }

    private let bytes: [UInt8]
    private var index = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// What has not been decoded yet.
    var rest: ArraySlice<UInt8> { bytes[index...] }

    /// The next scalar, or the byte at which the text stops being UTF-8.
    mutating func next() -> Item {
        guard index < bytes.count else { return .end }
        let first = bytes[index]
        guard first >= 0x80 else {
            index += 1
            return .scalar(Unicode.Scalar(first))
        }
        let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
        guard (0xC2...0xF4).contains(first), index + length <= bytes.count else { return .invalid(first) }
        var value = UInt32(first) & (0x7F >> UInt32(length))
        for byte in bytes[(index + 1)..<(index + length)] {
            guard byte & 0xC0 == 0x80 else { return .invalid(first) }
            value = value << 6 | UInt32(byte & 0x3F)
        }
        let smallest: [UInt32] = [0x80, 0x800, 0x10000]
        guard value >= smallest[length - 2], let scalar = Unicode.Scalar(value) else { return .invalid(first) }
        index += length
        return .scalar(scalar)
    }
}

/// Which characters a YAML text may hold as they are.
enum YAMLCharacters {
    /// Whether YAML allows the character unescaped, and all its versions mean the same by it.
    ///
    /// U+0085, U+2028 and U+2029 break lines in YAML 1.1, which the parser reads, and do not in 1.2: a text that holds
    /// one would silently become another text.
    static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF: true
        case 0xFEFF: false
        case 0xE000...0xFFFD, 0x10000...0x10FFFF: true
        default: false
        }
    }

    /// Whether every reader takes the character for itself, and a person sees it: no break, no mark of direction.
    static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x85, 0x061C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFFF9...0xFFFB: false
        default: isAllowed(scalar)
        }
    }
}
