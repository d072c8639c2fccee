//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Text that came from elsewhere, made harmless inside markdown.
package enum MarkdownText {
    private static let meaningful: Set<Character> = [
        "&", "<", ">", "\"", "\\", "`", "*", "_", "[", "]", "|", "~", "$", "@", ":", "#", "!",
    ]

    /// Text inside a line or a table's cell: nothing in it is markup, a link or HTML; line feeds become `<br>`.
    package static func inline(_ text: String) -> String {
        var lines = TerminalText.lines(text).map(escaped)
        while lines.count > 1, lines.last == "" { lines.removeLast() }
        return lines.joined(separator: "<br>")
    }

    /// Text that is a paragraph of its own, in one line.
    package static func paragraph(_ text: String) -> String {
        let line = TerminalText.line(text)
        let trimmed = line.drop { $0 == " " }
        guard let first = trimmed.first else { return "" }
        // A letter begins no list, heading or rule.
        let head = first.isLetter ? escaped(String(first)) : entity(first)
        return head + escaped(String(trimmed.dropFirst()))
    }

    /// The beginning of a text, so many characters at most.
    package static func excerpt(_ text: String, limit: Int = 600) -> String {
        let short = text.prefix(limit)
        return short.endIndex == text.endIndex ? text : short + "…"
    }

    private static func escaped(_ line: String) -> String {
        var out = ""
        for character in line {
            out += meaningful.contains(character) ? entity(character) : String(character)
        }
        // The one link that needs no colon.
        return out.replacing("www.", with: "www&#46;").replacing("WWW.", with: "WWW&#46;")
    }

    private static func entity(_ character: Character) -> String {
        character.unicodeScalars.map { "&#\($0.value);" }.joined()
    }
}
