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
    package static func render(_ diagnostics: [Diagnostic], color: Bool) -> String {
        diagnostics.map { render($0, color: color) }.joined(separator: "\n")
    }

    /// How many errors and warnings there are, such as `2 errors, 1 warning`.
    package static func summary(_ diagnostics: [Diagnostic]) -> String {
        let errors = diagnostics.count { $0.severity == .error }
        let warnings = diagnostics.count - errors
        let parts = [(errors, "error"), (warnings, "warning")].filter { $0.0 > 0 }
        guard !parts.isEmpty else { return "no errors" }
        return parts.map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }.joined(separator: ", ")
    }

    private static func render(_ diagnostic: Diagnostic, color: Bool) -> String {
        let style = TerminalStyle(isColored: color)
        let place = diagnostic.range.map { "\($0.file):\($0.start.line):\($0.start.column): " } ?? ""
        let word = style.text(diagnostic.severity.rawValue, diagnostic.severity == .error ? .red : .yellow)
        let message = TerminalText.line(diagnostic.message)
        var lines = [style.text(TerminalText.line(place), .bold) + "\(word): \(message) [\(diagnostic.id.rawValue)]"]
        if let range = diagnostic.range, let source = diagnostic.sourceLine, !source.isEmpty {
            lines += excerpt(source, range, style)
        }
        lines += diagnostic.notes.map { "  note: \(TerminalText.line($0))" }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func excerpt(_ source: String, _ range: SourceRange, _ style: TerminalStyle) -> [String] {
        let scalars = Array(TerminalText.line(source).unicodeScalars)
        let number = String(range.start.line)
        let gutter = String(repeating: " ", count: number.utf8.count)
        let line = "  \(number) | " + String(String.UnicodeScalarView(scalars))
        let start = range.start.column - 1
        guard start <= scalars.count else { return [line] }
        let end = range.end.line > range.start.line ? scalars.count : min(range.end.column - 1, scalars.count)
        let indent = columns(scalars[..<start])
        let width = columns(scalars[start..<max(start, end)])
        let caret = "^" + String(repeating: "~", count: max(0, width - 1))
        return [line, "  \(gutter) | " + String(repeating: " ", count: indent) + style.text(caret, .green)]
    }

    private static func columns(_ scalars: ArraySlice<Unicode.Scalar>) -> Int {
        DisplayWidth.of(String(String.UnicodeScalarView(scalars)))
    }
}
