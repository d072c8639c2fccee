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

@Suite("Diagnostics for programs and pages")
struct DiagnosticFormatTests {
    private static let range = SourceRange(
        file: "manifests/a,b:c.yaml",
        start: SourcePosition(line: 5, column: 3),
        end: SourcePosition(line: 5, column: 8)
    )

    private static let findings = [
        Diagnostic(
            "unknown-key",
            "unknown key `50%`",
            range: range,
            notes: ["did you mean `<b>|source`?", "a\r\n::b"]
        ),
        Diagnostic(
            "missing-field",
            "missing field `name`",
            severity: .warning,
            range: SourceRange(file: "m.yaml", start: range.start, end: SourcePosition(line: 7, column: 1))
        ),
        Diagnostic("too-many-findings", "there are more"),
    ]

    @Test("are commands that GitHub reads, each on a line, whatever the manifest says")
    func github() {
        let expected = """
            ::error file=manifests/a%2Cb%3Ac.yaml,line=5,endLine=5,col=3,endColumn=7,title=unknown-key\
            ::unknown key `50%25`%0Adid you mean `<b>|source`?%0Aa  ::b
            ::warning file=m.yaml,line=5,endLine=7,col=3,title=missing-field::missing field `name`
            ::error title=too-many-findings::there are more

            """
        #expect(DiagnosticFormat.github.document(Self.findings) == expected)
        #expect(DiagnosticFormat.github.document([]) == "")
    }

    @Test("are rows of a table in markdown, whatever the manifest says")
    func markdown() {
        let expected = """
            **2 errors, 1 warning**

            | | where | what |
            |---|---|---|
            | error | manifests/a,b:c.yaml:5:3 | unknown key \\`50%\\` \\[unknown-key]<br>\
            did you mean \\`&lt;b>\\|source\\`?<br>a  ::b |
            | warning | m.yaml:5:3 | missing field \\`name\\` \\[missing-field] |
            | error |  | there are more \\[too-many-findings] |

            """
        #expect(DiagnosticFormat.markdown.document(Self.findings) == expected)
        #expect(DiagnosticFormat.markdown.document([]) == "The manifests are valid.\n")
    }

    @Test("fit a comment, however many there are")
    func bounds() throws {
        let long = Diagnostic("x", String(repeating: "`", count: 5000), range: Self.range)
        let text = try #require(DiagnosticFormat.markdown.document(Array(repeating: long, count: 1000)))
        #expect(text.count < 65_536)
        #expect(text.hasSuffix("\nand 900 more\n"))
    }

    @Test("are a document in JSON, and messages as text")
    func others() throws {
        let document = try JSONParser.parse(try #require(DiagnosticFormat.json.document(Self.findings)))
        #expect(document["error_count"]?.int == 2)
        #expect(DiagnosticFormat.text.document(Self.findings) == nil)
    }
}
