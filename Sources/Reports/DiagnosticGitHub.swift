//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// Diagnostics as GitHub's commands for workflows, which show them at their lines in a pull request.
package enum DiagnosticGitHub {
    /// A command for each finding, on a line of its own.
    package static func render(_ diagnostics: [Diagnostic]) -> String {
        diagnostics.map { command($0) + "\n" }.joined()
    }

    private static func command(_ diagnostic: Diagnostic) -> String {
        var properties: [(String, String)] = []
        if let range = diagnostic.range {
            properties = [("file", range.file), ("line", "\(range.start.line)")]
            properties.append(("endLine", "\(range.end.line)"))
            properties.append(("col", "\(range.start.column)"))
            // GitHub takes columns for those of one line, the last one included.
            if range.end.line == range.start.line {
                properties.append(("endColumn", "\(max(range.start.column, range.end.column - 1))"))
            }
        }
        properties.append(("title", diagnostic.id.rawValue))
        let list = properties.map { "\($0)=\(property($1))" }.joined(separator: ",")
        let lines = ([diagnostic.message] + diagnostic.notes).map { TerminalText.line($0) }
        return "::\(diagnostic.severity.rawValue) \(list)::\(message(lines.joined(separator: "\n")))"
    }

    private static func message(_ text: String) -> String {
        text.replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
    }

    private static func property(_ text: String) -> String {
        message(TerminalText.line(text)).replacing(":", with: "%3A").replacing(",", with: "%2C")
    }
}
