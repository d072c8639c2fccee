//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// Diagnostics for people: place, message, the line with a caret under it, notes.
package enum DiagnosticText {
    /// All findings, a blank line between them; nothing where there are none.
    ///
    /// Several about one place stand together, and the place's line is shown once. Sentences are broken where a width is
    /// given.
    package static func render(_ diagnostics: [Diagnostic], color: Bool, width: Int? = nil) -> String {
        var text = ""
        for (index, diagnostic) in diagnostics.enumerated() {
            let previous = index > 0 ? diagnostics[index - 1] : nil
            let goesOn = diagnostic.range != nil && diagnostic.range == previous?.range
            if index > 0, !goesOn { text += "\n" }
            text += render(diagnostic, showsLine: !goesOn, TerminalStyle(isColored: color), width)
        }
        return text
    }

    /// How many errors and warnings there are, such as `2 errors, 1 warning`.
    package static func summary(_ diagnostics: [Diagnostic]) -> String {
        let errors = diagnostics.count { $0.severity == .error }
        let warnings = diagnostics.count - errors
        let parts = [(errors, "error"), (warnings, "warning")].filter { $0.0 > 0 }
        guard !parts.isEmpty else { return "no errors" }
        return parts.map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }.joined(separator: ", ")
    }

    private static func render(
        _ diagnostic: Diagnostic,
        showsLine: Bool,
        _ style: TerminalStyle,
        _ width: Int?
    ) -> String {
        let place = diagnostic.range.map { "\($0.file):\($0.start.line):\($0.start.column): " } ?? ""
        let word = style.text(diagnostic.severity.rawValue, diagnostic.severity == .error ? .red : .yellow)
        let message = TerminalText.line(diagnostic.message)
        let head = TerminalText.line(place) + diagnostic.severity.rawValue
        var lines = wrap(head + ": \(message) [\(diagnostic.id.rawValue)]", behind: "", width)
        if lines[0].hasPrefix(head) {
            lines[0] = style.text(TerminalText.line(place), .bold) + word + lines[0].dropFirst(head.count)
        }
        if showsLine, let range = diagnostic.range, let source = diagnostic.sourceLine, !source.isEmpty {
            lines += excerpt(source, from: diagnostic.sourceColumn, range, style)
        }
        lines += diagnostic.notes.flatMap { wrap(TerminalText.line($0), behind: "  note: ", width) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func wrap(_ text: String, behind label: String, _ width: Int?) -> [String] {
        guard let width else { return [label + text] }
        let all = label + text
        let lines = TextWrap.wrap(all, width: width)
        guard lines.count > 1 else { return lines }
        let rest = String(all.dropFirst(lines[0].count).drop { $0 == " " })
        return [lines[0]] + TextWrap.wrap(rest, width: width - 4).map { "    " + $0 }
    }

    /// The columns of a line that are shown, and those of them before the caret at least where the line is cut.
    private static let (shown, shownBefore) = (72, 24)

    private static func excerpt(
        _ source: String,
        from column: Int,
        _ range: SourceRange,
        _ style: TerminalStyle
    ) -> [String] {
        let number = String(range.start.line)
        let gutter = String(repeating: " ", count: number.utf8.count)
        let scalars = Array(TerminalText.line(source).unicodeScalars)
        let start = range.start.column - column
        guard scalars.indices.contains(start) || start == scalars.count else {
            return ["  \(number) | \(text(cut(scalars, around: 0).scalars))"]
        }
        let (piece, first) = cut(scalars, around: start)
        let end = range.end.line > range.start.line ? scalars.count : range.end.column - column
        let indent = columns(piece[..<(start - first)])
        let width = columns(piece[(start - first)..<min(max(start, end) - first, piece.count)])
        let caret = "^" + String(repeating: "~", count: max(0, width - 1))
        let line = "  \(number) | \(text(piece))"
        return [line, "  \(gutter) | " + String(repeating: " ", count: indent) + style.text(caret, .green)]
    }

    /// The piece of a line that fits a terminal and has a place in it, and the index at which it begins.
    private static func cut(_ scalars: [Unicode.Scalar], around place: Int) -> (scalars: [Unicode.Scalar], first: Int) {
        guard columns(scalars[...]) > shown else { return (scalars, 0) }
        var first = place
        while first > 0, columns(scalars[(first - 1)..<place]) <= shownBefore { first -= 1 }
        if columns(scalars[..<place]) < shown - shownBefore { first = 0 }
        var last = first
        while last < scalars.count, columns(scalars[first...last]) <= shown { last += 1 }
        var piece = Array(scalars[first..<last])
        if first > 0, first < place { piece[0] = "…" }
        if last < scalars.count { piece[piece.count - 1] = "…" }
        return (piece, first)
    }

    private static func columns(_ scalars: ArraySlice<Unicode.Scalar>) -> Int { DisplayWidth.of(text(scalars)) }

    private static func text(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        String(String.UnicodeScalarView(scalars))
    }
}
