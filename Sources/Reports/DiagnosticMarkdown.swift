//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// Diagnostics as a table for a comment or a job's summary.
package enum DiagnosticMarkdown {
    /// What a page shows at most: a comment at GitHub has 65,536 characters.
    private static let limit = 100

    /// How much was found, and each finding with its place.
    package static func render(_ diagnostics: [Diagnostic]) -> String {
        guard !diagnostics.isEmpty else { return "The manifests are valid.\n" }
        var lines = ["**\(DiagnosticText.summary(diagnostics))**", "", "| | where | what |", "|---|---|---|"]
        lines += diagnostics.prefix(limit).map(row)
        if diagnostics.count > limit { lines += ["", "and \(diagnostics.count - limit) more"] }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func row(_ diagnostic: Diagnostic) -> String {
        let place = diagnostic.range.map { "\($0.file):\($0.start.line):\($0.start.column)" } ?? ""
        var texts = ([diagnostic.message] + diagnostic.notes).map {
            MarkdownText.excerpt(TerminalText.line($0), limit: 300)
        }
        texts[0] += " [\(diagnostic.id.rawValue)]"
        let what = texts.map(MarkdownText.inline)
        return "| \(diagnostic.severity.rawValue) | \(MarkdownText.inline(place)) | \(what.joined(separator: "<br>")) |"
    }
}
