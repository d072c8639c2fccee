//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CGit2

/// The name of an object in a git repository: 40 lowercase hexadecimal digits.
package struct ObjectID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The id as big-endian words: 20 bytes at hand, where the 40 digits would lie elsewhere.
    package let words: (UInt64, UInt64, UInt32)

    /// Makes an id from its words.
    package init(words: (UInt64, UInt64, UInt32)) { self.words = words }

    /// Makes an id from 40 lowercase hexadecimal digits; nothing from anything else.
    package init?(hex: String) {
        let isHex: (UInt8) -> Bool = { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        guard hex.utf8.count == 40, hex.utf8.allSatisfy(isHex) else { return nil }
        var raw = git_oid()
        guard git_oid_fromstr(&raw, hex) == 0 else { return nil }
        self.init(raw)
    }

    init(_ raw: git_oid) {
        words = withUnsafeBytes(of: raw) { bytes in
            (
                UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
                UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
            )
        }
    }

    /// The id as libgit2 keeps it.
    var raw: git_oid {
        var raw = git_oid()
        withUnsafeMutableBytes(of: &raw) { bytes in
            bytes.storeBytes(of: words.0.bigEndian, as: UInt64.self)
            bytes.storeBytes(of: words.1.bigEndian, toByteOffset: 8, as: UInt64.self)
            bytes.storeBytes(of: words.2.bigEndian, toByteOffset: 16, as: UInt32.self)
        }
        return raw
    }

    /// The 40 digits.
    package var hex: String {
        var raw = raw
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 41) { text in
            guard let start = text.baseAddress else { return "" }
            git_oid_tostr(start, 41, &raw)
            return String(cString: start)
        }
    }

    /// The first twelve digits, for people.
    package var short: String { String(hex.prefix(12)) }

    /// The 40 digits.
    package var description: String { hex }

    /// Whether two ids are the same.
    package static func == (left: ObjectID, right: ObjectID) -> Bool { left.words == right.words }

    /// Feeds the id to a hasher.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
    }

    /// Orders ids by their digits.
    package static func < (left: ObjectID, right: ObjectID) -> Bool { left.words < right.words }
}
