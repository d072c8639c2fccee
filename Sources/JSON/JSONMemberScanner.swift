//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Finds the members of one object in its bytes and builds no values: for rows by the million.
///
/// It vouches for what it accepts and explains nothing. Where a text is wrong, or right in a way that hardly any row
/// is (an escape in a key, deep nesting), it declines, and `JSONParser` says what the text is.
package struct JSONMemberScanner: Sendable {
    /// What a member's value is.
    package enum Kind: Sendable {
        /// A string without escapes: its bytes are its text.
        case string
        /// A string with escapes.
        case escapedString
        /// A number without fraction and exponent.
        case integer
        /// A number with one of them.
        case decimal
        case `true`
        case `false`
        case null
        /// An array or an object.
        case nested
    }

    /// Where a member stands.
    package struct Member: Sendable {
        /// The key's bytes, without quotes.
        package let key: Range<Int>
        /// The value's bytes, a string's without quotes.
        package let value: Range<Int>
        /// What the value is.
        package let kind: Kind
    }

    /// The members of the object that was scanned last, in order; a key may come twice, and the last one counts.
    package private(set) var members: [Member] = []

    /// Makes a scanner.
    package init() {}

    /// Scans the object that takes up a range of bytes, white space around it aside; whether it vouches for it.
    package mutating func scan(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) -> Bool {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        members.removeAll(keepingCapacity: true)
        return bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return false }
            var cursor = JSONCursor(base: base, index: range.lowerBound, end: range.upperBound)
            guard object(&cursor) else { return false }
            cursor.skipSpace()
            return cursor.index == cursor.end
        }
    }

    private mutating func object(_ cursor: inout JSONCursor) -> Bool {
        cursor.skipSpace()
        guard cursor.take(UInt8(ascii: "{")) else { return false }
        cursor.skipSpace()
        if cursor.take(UInt8(ascii: "}")) { return true }
        while true {
            guard let key = cursor.string(), !key.hasEscapes else { return false }
            cursor.skipSpace()
            guard cursor.take(UInt8(ascii: ":")) else { return false }
            cursor.skipSpace()
            guard let (kind, value) = cursor.value(depth: 0) else { return false }
            members.append(Member(key: key.range, value: value, kind: kind))
            cursor.skipSpace()
            if cursor.take(UInt8(ascii: "}")) { return true }
            guard cursor.take(UInt8(ascii: ",")) else { return false }
            cursor.skipSpace()
        }
    }
}
