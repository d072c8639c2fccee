//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Lines broken at spaces so that each fits a number of columns.
package enum TextWrap {
    /// The lines of a text, each at most so wide but for a word that is wider: a name, a path or a command in two lines
    /// is nothing that one could search for or copy.
    ///
    /// Line feeds of the text stay, spaces at the beginning of a line too; an empty text is one empty line.
    package static func wrap(_ text: String, width: Int) -> [String] {
        wrap(text, width: width, breaksWords: false)
    }

    /// The lines of a text for a column that others stand beside: words that are wider are broken.
    package static func column(_ text: String, width: Int) -> [String] {
        wrap(text, width: width, breaksWords: true)
    }

    private static func wrap(_ text: String, width: Int, breaksWords: Bool) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .flatMap { line(words(String($0), breaksWords ? max(1, width) : .max), width: max(1, width)) }
            .map(CommandText.harmless)
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

    private static func line(_ words: [String], width: Int) -> [String] {
        var lines: [String] = []
        var (current, used) = ("", 0)
        for word in words {
            let size = DisplayWidth.of(word)
            if used + size > width, used > 0 {
                lines.append(current.withoutSpacesAtEnd)
                (current, used) = ("", 0)
                if word.allSatisfy({ $0 == " " }) { continue }
            }
            current += word
            used += size
        }
        if used > 0 || lines.isEmpty { lines.append(current.withoutSpacesAtEnd) }
        return lines
    }

    /// Runs of spaces and runs of other characters, in turn, none of them wider than a limit.
    ///
    /// A line may end behind a wide character, as those are written without spaces.
    private static func words(_ text: String, _ limit: Int) -> [String] {
        var words: [(text: String, width: Int)] = []
        var wasWide = false
        for character in text {
            let width = DisplayWidth.of(character)
            let isWide = width == 2
            if let last = words.last, (last.text.last == " ") == (character == " "), !isWide, !wasWide,
                last.width + width <= limit
            {
                words[words.count - 1].text.append(character)
                words[words.count - 1].width += width
            } else {
                words.append((String(character), width))
            }
            wasWide = isWide
        }
        return words.map(\.text)
    }
}
