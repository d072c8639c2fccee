//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Text that came from elsewhere, made harmless inside markdown, and left as it is wherever it is harmless already.
///
/// Hosts look for people and issues in what they have rendered, where no escape is left, so that what would call
/// somebody is broken by a space that nobody sees.
package enum MarkdownText {
    /// Text inside a line or a table's cell: nothing in it is markup, a link or HTML; line feeds become `<br>`.
    package static func inline(_ text: String) -> String {
        var lines = TerminalText.lines(text).map(escaped)
        while lines.count > 1, lines.last == "" { lines.removeLast() }
        return lines.joined(separator: "<br>")
    }

    /// Text that is a paragraph of its own, in one line.
    package static func paragraph(_ text: String) -> String {
        let line = escaped(String(TerminalText.line(text).drop { $0 == " " }))
        if let first = line.first, "#+-=>".contains(first) { return "\\" + line }
        // A number with a dot or a bracket behind it begins a list.
        let digits = line.prefix(while: \.isNumber)
        let rest = line.dropFirst(digits.count)
        guard !digits.isEmpty, let sign = rest.first, ".)".contains(sign) else { return line }
        return digits + "\\" + rest
    }

    /// The beginning of a text, so many characters at most.
    package static func excerpt(_ text: String, limit: Int = 600) -> String {
        let short = text.prefix(limit)
        return short.endIndex == text.endIndex ? text : short + "…"
    }

    private static func escaped(_ line: String) -> String {
        let scalars = Array(line.unicodeScalars)
        return scalars.indices.map { escaped(scalars[$0], after: scalars[..<$0], before: scalars[($0 + 1)...]) }
            .joined()
    }

    private static func escaped(
        _ scalar: Unicode.Scalar,
        after earlier: ArraySlice<Unicode.Scalar>,
        before rest: ArraySlice<Unicode.Scalar>
    ) -> String {
        let (last, next) = (earlier.last ?? " ", rest.first ?? " ")
        switch scalar {
        // An address of mail stays one.
        case "@" where isWord(next) && !(last.isASCII && isWord(last)): return "@\(gap)"
        case "#" where isDigit(next), "!" where isDigit(next): return "\(scalar)\(gap)"
        case "-" where isDigit(next) && earlier.suffix(2).map({ $0.properties.lowercaseMapping }) == ["g", "h"]:
            return "-\(gap)"
        case "&" where isDigit(next): return "&amp;\(gap)"
        case "<": return "&lt;"
        // A table may take the escape of a bar away before it sees the one of a backslash before it.
        case "\\": return "&#92;"
        case "`", "*", "[", "|", "~", "$": return "\\\(scalar)"
        case "&" where next == "#" || isWord(next): return "&amp;"
        // Inside a word it is itself.
        case "_" where !isWord(last) || !isWord(next): return "\\_"
        // The links that need no bracket.
        case ":" where rest.starts(with: "//".unicodeScalars): return "\\:"
        case "." where earlier.count > 2 && earlier.suffix(3).allSatisfy { $0 == "w" || $0 == "W" }: return "\\."
        default: return String(scalar)
        }
    }

    /// A space of no width.
    private static let gap = "&#8203;"

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }
}
