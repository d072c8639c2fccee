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
        /// A string whose escapes are those that the canonical form has, so that its bytes stay as they are there.
        case escapedString
        /// A string with escapes that the canonical form writes otherwise, such as `\/` and `\u00e9`.
        case looselyEscapedString
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
        /// Which of the scanner's escapes stand in the value, where it is a loosely escaped string.
        package let escapes: Range<Int>
    }

    /// The members of the object that was scanned last, in order; a key may come twice, and the last one counts.
    package private(set) var members: [Member] = []

    /// Where the escapes of the object's strings stand that the canonical form writes otherwise, in order.
    package private(set) var escapes: [Int] = []

    /// Makes a scanner.
    package init() {}

    /// Scans the line that starts at a place, on which one object has to stand.
    ///
    /// Returns where the line ends, which is at its line feed or at the end of all bytes; nothing where it does not vouch
    /// for the line.
    package mutating func scanLine(_ bytes: borrowing Span<UInt8>, from start: Int) -> Int? {
        precondition(start >= 0 && start <= bytes.count)
        members.removeAll(keepingCapacity: true)
        escapes.removeAll(keepingCapacity: true)
        return bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return nil }
            var cursor = JSONCursor(base: base, index: start, end: buffer.count)
            // Moved there and back, so that neither has to be copied.
            swap(&cursor.escapes, &escapes)
            defer { swap(&cursor.escapes, &escapes) }
            guard object(&cursor) else { return nil }
            cursor.skipSpace()
            let isWhole = cursor.index == cursor.end || base[cursor.index] == UInt8(ascii: "\n")
            return isWhole ? cursor.index : nil
        }
    }

    private mutating func object(_ cursor: inout JSONCursor) -> Bool {
        cursor.skipSpace()
        guard cursor.take(UInt8(ascii: "{")) else { return false }
        cursor.skipSpace()
        if cursor.take(UInt8(ascii: "}")) { return true }
        while true {
            guard let key = cursor.string(), key.kind == .string else { return false }
            cursor.skipSpace()
            guard cursor.take(UInt8(ascii: ":")) else { return false }
            cursor.skipSpace()
            let first = cursor.escapes.count
            guard let (kind, value) = cursor.value(depth: 0) else { return false }
            let escapes = first..<cursor.escapes.count
            members.append(Member(key: key.bytes, value: value, kind: kind, escapes: escapes))
            cursor.skipSpace()
            if cursor.take(UInt8(ascii: "}")) { return true }
            guard cursor.take(UInt8(ascii: ",")) else { return false }
            cursor.skipSpace()
        }
    }
}
