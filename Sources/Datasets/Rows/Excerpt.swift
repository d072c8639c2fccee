//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// A short, printable piece of a line from a file that nobody vouches for.
package struct Excerpt: Hashable, Sendable {
    /// The piece: at most some eighty characters, with what a terminal or a page could trip over escaped.
    package let text: String
    /// Whether the piece is the line's very start, so that a column of the line is the same column of the piece.
    package let keepsColumns: Bool

    private static let width = 80

    /// The piece of a line that has the byte of an offset in it.
    package init(of line: ArraySlice<UInt8>, around offset: Int = 0) {
        let place = line.startIndex + min(max(offset, 0), line.count)
        let context = line.startIndex == place ? place : Self.boundary(place - min(Self.width / 2, offset), in: line)
        let isNear = place - line.startIndex < Self.width * 3 / 4
        let start = isNear ? line.startIndex : context
        let rest = line[start...].prefix(Self.width * 4)
        var text = start == line.startIndex ? "" : "…"
        var isPlain = start == line.startIndex
        var count = 0
        for scalar in String(decoding: rest, as: UTF8.self).unicodeScalars {
            guard count < Self.width else { break }
            let escaped = Self.escaped(scalar)
            isPlain = isPlain && escaped == nil
            text += escaped ?? String(Character(scalar))
            count += escaped?.count ?? 1
        }
        let isWhole = count < Self.width && rest.endIndex == line.endIndex
        self.text = isWhole ? text : text + "…"
        keepsColumns = isPlain
    }

    private static func boundary(_ index: Int, in line: ArraySlice<UInt8>) -> Int {
        var index = max(index, line.startIndex)
        while index > line.startIndex, index < line.endIndex, line[index] & 0xC0 == 0x80 { index -= 1 }
        return index
    }

    /// The escape of a scalar that is invisible, moves the cursor or turns the direction of text.
    private static func escaped(_ scalar: UnicodeScalar) -> String? {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
            switch scalar {
            case "\t": "\\t"
            case "\r": "\\r"
            default: "\\u{\(String(scalar.value, radix: 16))}"
            }
        default: nil
        }
    }
}
