//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// A place in a line of JSON that goes past one part of its grammar after the other, and past no line feed.
///
/// Safe as long as `base` has `end` bytes: no method reads at or behind `end`.
struct JSONCursor {
    let base: UnsafePointer<UInt8>
    var index: Int
    let end: Int
    /// Where escapes stand that the canonical form writes otherwise.
    var escapes: [Int] = []
    /// Where the bytes begin that were looked through last, and which of them end a stretch of plain characters.
    private var window: (start: Int, stops: UInt64)

    init(base: UnsafePointer<UInt8>, index: Int, end: Int) {
        (self.base, self.index, self.end) = (base, index, end)
        window = (index, base.stops(from: index, to: end))
    }

    /// Goes past plain characters, to the first that is not or to the end.
    @inline(__always)
    private mutating func skipPlain() {
        while index < end {
            let offset = index &- window.start
            if offset < 64 {
                let rest = window.stops &>> UInt64(truncatingIfNeeded: offset)
                if rest != 0 { return index &+= rest.trailingZeroBitCount }
                index = window.start &+ 64
            } else {
                window = (index, base.stops(from: index, to: end))
            }
        }
        index = end
    }

    private static let depthLimit = 64

    mutating func skipSpace() {
        while index < end {
            let byte = base[index]
            guard byte == 0x20 || byte == 0x0D || byte == 0x09 else { return }
            index += 1
        }
    }

    /// Goes past a byte where it stands here.
    mutating func take(_ byte: UInt8) -> Bool {
        guard index < end, base[index] == byte else { return false }
        index += 1
        return true
    }

    /// Goes past a value; nothing where it is not vouched for.
    mutating func value(depth: Int) -> (kind: JSONMemberScanner.Kind, bytes: Range<Int>)? {
        guard index < end else { return nil }
        let start = index
        switch base[index] {
        case UInt8(ascii: "\""):
            guard let (kind, range) = string() else { return nil }
            return (kind, range)
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            guard depth < Self.depthLimit, nested(depth: depth + 1) else { return nil }
            return (.nested, start..<index)
        case UInt8(ascii: "t"): return word("true") ? (.true, start..<index) : nil
        case UInt8(ascii: "f"): return word("false") ? (.false, start..<index) : nil
        case UInt8(ascii: "n"): return word("null") ? (.null, start..<index) : nil
        default:
            guard let kind = number() else { return nil }
            return (kind, start..<index)
        }
    }

    private mutating func word(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard end - index >= count else { return false }
        for offset in 0..<count where base[index + offset] != text.utf8Start[offset] { return false }
        index += count
        return true
    }

    private mutating func nested(depth: Int) -> Bool {
        let isObject = base[index] == UInt8(ascii: "{")
        let close = isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
        index += 1
        skipSpace()
        if take(close) { return true }
        while true {
            if isObject {
                guard string() != nil else { return false }
                skipSpace()
                guard take(UInt8(ascii: ":")) else { return false }
                skipSpace()
            }
            guard value(depth: depth) != nil else { return false }
            skipSpace()
            if take(close) { return true }
            guard take(UInt8(ascii: ",")) else { return false }
            skipSpace()
        }
    }

    private mutating func number() -> JSONMemberScanner.Kind? {
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")), !digits() { return nil }
        var kind = JSONMemberScanner.Kind.integer
        if take(UInt8(ascii: ".")) {
            guard digits() else { return nil }
            kind = .decimal
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard digits() else { return nil }
            kind = .decimal
        }
        return kind
    }

    private mutating func digits() -> Bool {
        let start = index
        while index < end, base[index] >= 0x30, base[index] <= 0x39 { index += 1 }
        return index > start
    }
}

extension JSONCursor {
    /// Goes past a string; nothing where it is not vouched for. The bytes are those between the quotes.
    mutating func string() -> (kind: JSONMemberScanner.Kind, bytes: Range<Int>)? {
        guard take(UInt8(ascii: "\"")) else { return nil }
        let start = index
        var kind = JSONMemberScanner.Kind.string
        while true {
            skipPlain()
            guard index < end else { return nil }
            switch base[index] {
            case UInt8(ascii: "\""):
                defer { index += 1 }
                return (kind, start..<index)
            case UInt8(ascii: "\\"):
                let place = index
                guard let isCanonical = skipEscape() else { return nil }
                if isCanonical {
                    if kind == .string { kind = .escapedString }
                } else {
                    kind = .looselyEscapedString
                    escapes.append(place)
                }
            case 0x80...:
                guard let length = base.lengthOfScalar(at: index, to: end) else { return nil }
                index += length
            default: return nil
            }
        }
    }

    /// Goes past a backslash and what it escapes; whether the canonical form has this escape too.
    private mutating func skipEscape() -> Bool? {
        guard index + 1 < end else { return nil }
        let escaped = base[index + 1]
        if Self.isPlain(escaped) {
            index += 2
            return true
        }
        if escaped == UInt8(ascii: "/") {
            index += 2
            return false
        }
        guard let (_, length) = JSONEscape.scalar(at: base + index, count: end - index) else { return nil }
        index += length
        return false
    }

    /// The bits of `\bfnrt`, each less 64.
    private static let plainLetters: UInt64 = 1 << 0x1C | 1 << 0x22 | 1 << 0x26 | 1 << 0x2E | 1 << 0x32 | 1 << 0x34

    /// Whether a byte is one of `"\bfnrt`: a question that is asked of each escape, and so without a jump.
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte >> 6 == 1 && plainLetters >> UInt64(byte & 63) & 1 == 1
    }
}
