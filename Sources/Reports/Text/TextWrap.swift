//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Lines broken at spaces so that each fits a number of columns.
package enum TextWrap {
    /// The lines of a text, each at most so wide; words that are wider are broken.
    ///
    /// Line feeds of the text stay, spaces at the beginning of a line too; an empty text is one empty line.
    package static func wrap(_ text: String, width: Int) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line(String($0), width: max(1, width)) }
    }

    /// A text behind a label: the further lines stand under the first, or all below the label where that is too wide.
    package static func hanging(_ label: String, _ text: String, width: Int) -> [String] {
        let columns = DisplayWidth.of(label)
        guard columns <= width - 20 else {
            return wrap(label, width: width) + wrap(text, width: width - 8).map { "        " + $0 }
        }
        return wrap(text, width: width - columns).enumerated().map { index, line in
            (index == 0 ? label : String(repeating: " ", count: columns)) + line
        }
    }

    private static func line(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var (current, used) = ("", 0)
        for word in words(text) {
            let size = DisplayWidth.of(word)
            if used + size > width, used > 0 {
                lines.append(current.withoutSpacesAtEnd)
                (current, used) = ("", 0)
                if word.allSatisfy({ $0 == " " }) { continue }
            }
            for piece in pieces(word, size: size, width: width) {
                if used > 0, used + DisplayWidth.of(piece) > width {
                    lines.append(current.withoutSpacesAtEnd)
                    (current, used) = ("", 0)
                }
                current += piece
                used += DisplayWidth.of(piece)
            }
        }
        if used > 0 || lines.isEmpty { lines.append(current.withoutSpacesAtEnd) }
        return lines
    }

    /// Runs of spaces and runs of other characters, in turn.
    private static func words(_ text: String) -> [String] {
        var words: [String] = []
        for character in text {
            if let last = words.last?.last, (last == " ") == (character == " ") {
                words[words.count - 1].append(character)
            } else {
                words.append(String(character))
            }
        }
        return words
    }

    private static func pieces(_ word: String, size: Int, width: Int) -> [String] {
        guard size > width else { return [word] }
        var pieces = [""]
        var used = 0
        for character in word {
            let columns = DisplayWidth.of(character)
            if used + columns > width, used > 0 {
                pieces.append("")
                used = 0
            }
            pieces[pieces.count - 1].append(character)
            used += columns
        }
        return pieces
    }
}
