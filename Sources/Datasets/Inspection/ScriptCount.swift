//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
internal import Packing

/// Counts letters by the script that they belong to.
struct ScriptCount: Hashable, Sendable {
    private var counts = [Int](repeating: 0, count: names.count)

    private static let names = [
        "Latin", "Greek", "Cyrillic", "Armenian", "Hebrew", "Arabic", "Devanagari", "other Indic", "Thai", "Georgian",
        "Hangul", "Kana", "Han",
    ]

    /// Counts the letters of a text in UTF-8.
    mutating func add(_ text: borrowing Span<UInt8>) {
        var latin = 0
        var index = 0
        while index < text.count {
            let byte = text[index]
            if byte < 0x80 {
                latin += (byte | 0x20) &- 0x61 < 26 ? 1 : 0
                index += 1
                continue
            }
            let length = byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
            if let place = Self.place(of: Self.scalar(text, index, length)) { counts[place] += 1 }
            index += length
        }
        counts[0] += latin
    }

    /// Counts what another one has counted, so many times.
    mutating func add(_ other: ScriptCount, times: Int = 1) {
        for place in counts.indices { counts[place] += other.counts[place] * times }
    }

    /// The letters of each script that there are some of.
    var byName: [String: Int] {
        Dictionary(zip(Self.names, counts).filter { $0.1 > 0 }) { first, _ in first }
    }

    private static func scalar(_ text: borrowing Span<UInt8>, _ start: Int, _ length: Int) -> UInt32 {
        var scalar = UInt32(text[start]) & (0xFF >> UInt32(length + 1))
        for index in (start + 1)..<(start + length) where index < text.count {
            scalar = scalar << 6 | UInt32(text[index] & 0x3F)
        }
        return scalar
    }

    private static func place(of scalar: UInt32) -> Int? {
        switch scalar {
        case 0xC0..<0xD7, 0xD8..<0xF7, 0xF8...0x24F, 0x1E00...0x1EFF: 0
        case 0x370..<0x400, 0x1F00..<0x2000: 1
        case 0x400..<0x530: 2
        case 0x530..<0x590: 3
        case 0x590..<0x600: 4
        case 0x600..<0x780, 0x8A0..<0x900: 5
        case 0x900..<0x980: 6
        case 0x980..<0xE00: 7
        case 0xE00..<0xE80: 8
        case 0x10A0..<0x1100: 9
        case 0x1100..<0x1200, 0xAC00..<0xD7B0: 10
        case 0x3040..<0x3100: 11
        case 0x3400..<0xA000, 0x20000..<0x30000: 12
        default: nil
        }
    }
}

extension ScriptCount: Packable {
    func pack(to packer: inout Packer) { packer.list(counts) { $0.int($1) } }

    init(from unpacker: inout Unpacker) throws(PackingError) {
        let found = try unpacker.list { unpacker throws(PackingError) in try unpacker.int() }
        guard found.count == counts.count else { throw PackingError() }
        counts = found
    }
}
