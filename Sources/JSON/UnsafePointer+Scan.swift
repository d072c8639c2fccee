//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CBytes

// Looks through many bytes at a time: rows come by the million, and all of their bytes are looked at.

extension UnsafePointer<UInt8> {
    private typealias Lanes = SIMD16<Int8>

    @inline(__always)
    private func lanes(at index: Int) -> Lanes {
        UnsafeRawPointer(self + index).loadUnaligned(as: Lanes.self)
    }

    /// How many lanes come before the first that is set; nothing where none is.
    @inline(__always)
    private static func first(_ mask: SIMDMask<Lanes>) -> Int? {
        let words = unsafeBitCast(mask, to: SIMD2<UInt64>.self)
        guard words[0] | words[1] != 0 else { return nil }
        return (words[0] != 0 ? words[0].trailingZeroBitCount : 64 + words[1].trailingZeroBitCount) >> 3
    }

    /// The first place of a byte of ASCII.
    func index(of byte: UInt8, from start: Int, to end: Int) -> Int? {
        let sought = Lanes(repeating: Int8(bitPattern: byte))
        var index = start
        while index + 16 <= end {
            if let offset = Self.first(lanes(at: index) .== sought) { return index + offset }
            index += 16
        }
        while index < end, self[index] != byte { index += 1 }
        return index < end ? index : nil
    }

    /// Which of the sixty-four bytes from a place on are a quote, a backslash, a control character or not ASCII, the first
    /// in the lowest bit; zeros stand for what lies behind the end.
    @inline(__always)
    func stops(from start: Int, to end: Int) -> UInt64 {
        end - start >= 64 ? cbytes_stops(self + start) : lastStops(from: start, to: end)
    }

    private func lastStops(from start: Int, to end: Int) -> UInt64 {
        var stops: UInt64 = 0
        for index in start..<end where self[index] >= 0x80 || Self.isEscaped(self[index]) {
            stops |= 1 << UInt64(index - start)
        }
        return stops
    }

    /// The first place of a quote, a backslash or a control character.
    func indexOfEscape(from start: Int, to end: Int) -> Int? {
        for window in stride(from: start, to: end, by: 64) {
            var stops = stops(from: window, to: end)
            while stops != 0 {
                let index = window + stops.trailingZeroBitCount
                if self[index] < 0x80 { return index }
                stops &= stops - 1
            }
        }
        return nil
    }

    /// Whether JSON escapes a byte in a string.
    static func isEscaped(_ byte: UInt8) -> Bool { byte == 0x22 || byte == 0x5C || byte < 0x20 }

    /// Eight bytes, the first in the lowest place.
    func word(at index: Int) -> UInt64 {
        UInt64(littleEndian: UnsafeRawPointer(self + index).loadUnaligned(as: UInt64.self))
    }

    /// How many bytes the scalar beyond ASCII has that starts at a place; nothing where it is no valid UTF-8.
    func lengthOfScalar(at index: Int, to end: Int) -> Int? {
        func continues(_ offset: Int) -> Bool { self[index + offset] & 0xC0 == 0x80 }
        let left = end - index
        switch self[index] {
        case 0xC2...0xDF: return left >= 2 && continues(1) ? 2 : nil
        case 0xE0...0xEF:
            guard left >= 3, continues(1), continues(2) else { return nil }
            let pair = UInt16(self[index]) << 8 | UInt16(self[index + 1])
            // Three bytes are neither for what two can say, nor for halves of surrogate pairs.
            return pair >= 0xE0A0 && (pair < 0xEDA0 || pair > 0xEDBF) ? 3 : nil
        case 0xF0...0xF4:
            guard left >= 4, continues(1), continues(2), continues(3) else { return nil }
            let pair = UInt16(self[index]) << 8 | UInt16(self[index + 1])
            return pair >= 0xF090 && pair <= 0xF48F ? 4 : nil
        default: return nil
        }
    }
}
