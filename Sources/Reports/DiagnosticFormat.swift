//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
package import Resources

/// The forms in which findings are printed.
package enum DiagnosticFormat: String, Hashable, Sendable, CaseIterable {
    case text
    case json
    case markdown
    case github

    /// Findings for a program or a page; those for people are ``DiagnosticText``, and go with messages.
    package func document(_ diagnostics: [Diagnostic]) -> String? {
        switch self {
        case .text: nil
        case .json: TerminalText.json(JSONText.pretty(DiagnosticJSON.document(diagnostics)))
        case .markdown: DiagnosticMarkdown.render(diagnostics)
        case .github: DiagnosticGitHub.render(diagnostics)
        }
    }
}
