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
        let style = Style(isOn: color)
        let place = diagnostic.range.map { "\(visible($0.file)):\($0.start.line):\($0.start.column): " } ?? ""
        let severity = diagnostic.severity.rawValue
        let word = diagnostic.severity == .error ? style.red(severity) : style.yellow(severity)
        var lines = [style.bold(place) + "\(word): \(visible(diagnostic.message)) [\(diagnostic.id.rawValue)]"]
        if let range = diagnostic.range, let source = diagnostic.sourceLine, !source.isEmpty {
            lines += excerpt(source, range, style)
        }
        lines += diagnostic.notes.map { "  note: \(visible($0))" }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func excerpt(_ source: String, _ range: SourceRange, _ style: Style) -> [String] {
        let scalars = Array(visible(source).unicodeScalars)
        let number = String(range.start.line)
        let gutter = String(repeating: " ", count: number.utf8.count)
        let line = "  \(number) | " + String(String.UnicodeScalarView(scalars))
        let start = range.start.column - 1
        guard start <= scalars.count else { return [line] }
        let end = range.end.line > range.start.line ? scalars.count : min(range.end.column - 1, scalars.count)
        let indent = scalars[..<start].reduce(0) { $0 + TerminalWidth.columns($1) }
        let width = scalars[start..<max(start, end)].reduce(0) { $0 + TerminalWidth.columns($1) }
        let caret = "^" + String(repeating: "~", count: max(0, width - 1))
        return [line, "  \(gutter) | " + String(repeating: " ", count: indent) + style.green(caret)]
    }

    /// The text without anything that moves a terminal's cursor; each scalar stays one.
    private static func visible(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control: out.append(scalar == "\t" ? " " : "\u{FFFD}")
            case .lineSeparator, .paragraphSeparator: out.append("\u{FFFD}")
            default: out.append(TerminalWidth.isDirectionMark(scalar) ? "\u{FFFD}" : scalar)
            }
        }
        return String(out)
    }

    private struct Style {
        let isOn: Bool

        func bold(_ text: String) -> String { wrapped(text, "1") }
        func red(_ text: String) -> String { wrapped(text, "1;31") }
        func yellow(_ text: String) -> String { wrapped(text, "1;33") }
        func green(_ text: String) -> String { wrapped(text, "32") }

        private func wrapped(_ text: String, _ code: String) -> String {
            isOn && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
        }
    }
}
