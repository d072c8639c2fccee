//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CGit2

/// The name of an object in a git repository: 40 lowercase hexadecimal digits.
package struct ObjectID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The 40 digits.
    package let hex: String

    /// Makes an id from 40 lowercase hexadecimal digits; nothing from anything else.
    package init?(hex: String) {
        let isHex: (UInt8) -> Bool = { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        guard hex.utf8.count == 40, hex.utf8.allSatisfy(isHex) else { return nil }
        self.hex = hex
    }

    init(_ raw: git_oid) {
        var raw = raw
        hex = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 41) { text in
            guard let start = text.baseAddress else { return "" }
            git_oid_tostr(start, 41, &raw)
            return String(cString: start)
        }
    }

    /// The digits as libgit2 keeps them.
    var raw: git_oid {
        var raw = git_oid()
        git_oid_fromstr(&raw, hex)
        return raw
    }

    /// The first twelve digits, for people.
    package var short: String { String(hex.prefix(12)) }

    /// The 40 digits.
    package var description: String { hex }

    /// Orders ids by their digits.
    package static func < (left: ObjectID, right: ObjectID) -> Bool { left.hex < right.hex }
}
