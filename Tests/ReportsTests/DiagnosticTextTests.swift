//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import JSON
import Reports
import Resources
import Testing

@Suite("Diagnostics as text and JSON")
struct DiagnosticTextTests {
    private func range(_ line: Int, _ column: Int, _ endLine: Int, _ endColumn: Int) -> SourceRange {
        SourceRange(
            file: "manifests/samsum.yaml",
            start: SourcePosition(line: line, column: column),
            end: SourcePosition(line: endLine, column: endColumn)
        )
    }

    @Test("shows place, message, line, caret and notes")
    func snapshot() {
        let unknown = Diagnostic(
            "unknown-key",
            "unknown key `sorce`",
            range: range(5, 3, 5, 8),
            sourceLine: "  sorce: datasets/samsum.jsonl",
            notes: ["did you mean `source`?"]
        )
        let far = Diagnostic(
            "missing-field",
            "missing field `name`",
            range: range(112, 11, 114, 2),
            sourceLine: "metadata: {",
            notes: []
        )
        let nowhere = Diagnostic("too-many-findings", "7 more findings are not shown", severity: .warning)
        let expected = """
            manifests/samsum.yaml:5:3: error: unknown key `sorce` [unknown-key]
              5 |   sorce: datasets/samsum.jsonl
                |   ^~~~~
              note: did you mean `source`?

            manifests/samsum.yaml:112:11: error: missing field `name` [missing-field]
              112 | metadata: {
                  |           ^

            warning: 7 more findings are not shown [too-many-findings]

            """
        #expect(DiagnosticText.render([unknown, far, nowhere], color: false) == expected)
        #expect(DiagnosticText.summary([unknown, far, nowhere]) == "2 errors, 1 warning")
        #expect(DiagnosticText.summary([]) == "no errors")
        #expect(DiagnosticText.render([], color: true) == "")
    }

    @Test("puts the caret under wide characters, and none where the line is cut off before")
    func columns() {
        let wide = Diagnostic("x", "m", range: range(1, 7, 1, 10), sourceLine: "模型🙂: 值: 1")
        let expected = """
            manifests/samsum.yaml:1:7: error: m [x]
              1 | 模型🙂: 值: 1
                |           ^~~

            """
        #expect(DiagnosticText.render([wide], color: false) == expected)
        let cut = Diagnostic("x", "m", range: range(1, 300, 1, 310), sourceLine: "short…")
        #expect(DiagnosticText.render([cut], color: false).hasSuffix("\n  1 | short…\n"))
        let end = Diagnostic("x", "m", range: range(1, 6, 1, 7), sourceLine: "a: [1")
        #expect(DiagnosticText.render([end], color: false).hasSuffix("  1 | a: [1\n    |      ^\n"))
    }

    @Test(
        "shows of a long line what fits a terminal, with the caret in it",
        arguments: [(1, "k001:"), (7, "k002:"), (67, "k012:"), (811, "k136:"), (1195, "k200:"), (1201, "")]
    )
    func longLines(_ column: Int, _ marked: String) throws {
        let source = (1...200).map { "k\(String(1000 + $0).dropFirst()): " }.joined()
        let finding = Diagnostic("x", "m", range: range(7, column, 7, column + 5), sourceLine: source)
        let lines = DiagnosticText.render([finding], color: false).split(separator: "\n")
        #expect(lines.count == 3 && lines.allSatisfy { DisplayWidth.of($0) < 80 })
        let caret = try #require(lines.last?.prefix { $0 != "^" }.count)
        #expect(lines[1].dropFirst(caret).hasPrefix(marked))
        #expect(lines.last?.hasSuffix(marked.isEmpty ? "^" : "^~~~~") == true)
    }

    @Test("shows a place once for all that is said about it, and breaks sentences where a width is given")
    func grouped() {
        let findings = ["one two three four five six seven eight nine ten", "short"].map { message in
            Diagnostic("x", message, severity: .warning, range: range(1, 1, 1, 2), sourceLine: "a", notes: [message])
        }
        let elsewhere = Diagnostic("x", "m", range: range(2, 1, 2, 2), sourceLine: "b")
        let expected = """
            manifests/samsum.yaml:1:1: warning: one two
                three four five six seven eight nine ten
                [x]
              1 | a
                | ^
              note: one two three four five six seven
                eight nine ten
            manifests/samsum.yaml:1:1: warning: short [x]
              note: short

            manifests/samsum.yaml:2:1: error: m [x]
              2 | b
                | ^

            """
        #expect(DiagnosticText.render(findings + [elsewhere], color: false, width: 45) == expected)
    }

    @Test("colours the severity and nothing that the meaning hangs on")
    func color() {
        let finding = Diagnostic("x", "m", range: range(1, 1, 1, 2), sourceLine: "a")
        let colored = DiagnosticText.render([finding], color: true)
        #expect(colored.contains("\u{1B}[31merror\u{1B}[0m: m [x]"))
        var plain = colored
        for code in ["\u{1B}[31m", "\u{1B}[1m", "\u{1B}[32m", "\u{1B}[0m"] { plain = plain.replacing(code, with: "") }
        #expect(plain == DiagnosticText.render([finding], color: false))
    }

    @Test("lets no text move the cursor")
    func escapes() {
        let finding = Diagnostic(
            "x",
            "\u{1B}[2J\u{202E}",
            range: range(1, 1, 1, 1),
            sourceLine: "\u{9B}\r",
            notes: ["\n"]
        )
        let text = DiagnosticText.render([finding], color: false)
        #expect(!text.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{9B}" || $0 == "\r" || $0 == "\u{202E}" })
        #expect(text.split(separator: "\n").count == 4)
    }

    @Test("has a JSON form with range and snippet")
    func json() {
        var finding = Diagnostic(
            "unknown-key",
            "unknown key `sorce`",
            range: range(5, 3, 5, 8),
            sourceLine: "…sorce: x",
            notes: ["did you mean `source`?", "known keys: source"]
        )
        finding.sourceColumn = 2
        finding.bytes = 70..<75
        finding.context = "Dataset samsum"
        let expected: JSONValue = [
            "format_version": "1.0", "valid": false, "error_count": 1, "warning_count": 0,
            "diagnostics": [
                [
                    "severity": "error", "code": "unknown-key", "summary": "unknown key `sorce`",
                    "detail": "did you mean `source`?\nknown keys: source",
                    "range": [
                        "file": "manifests/samsum.yaml", "start": ["line": 5, "column": 3, "byte": 70],
                        "end": ["line": 5, "column": 8, "byte": 75],
                    ],
                    "snippet": [
                        "context": "Dataset samsum", "code": "…sorce: x", "start_line": 5,
                        "highlight_start_offset": 1, "highlight_end_offset": 6,
                    ],
                ]
            ],
        ]
        #expect(DiagnosticJSON.document([finding]) == expected)
        #expect(DiagnosticJSON.document([])["valid"] == true)
    }
}
