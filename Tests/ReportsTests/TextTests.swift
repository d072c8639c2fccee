//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import JSON
import Resources
import Testing

@testable import Reports

@Suite("Figures")
struct FiguresTests {
    @Test(
        "writes durations",
        arguments: [
            (0.44, "0.4s"), (9.96, "10s"), (59.6, "1m 00s"), (192, "3m 12s"), (3600, "1h 00m"), (45_060, "12h 31m"),
            (-1, "-"), (.infinity, "-"), (.nan, "-"),
        ] as [(Double, String)]
    )
    func durations(seconds: Double, text: String) { #expect(Figures.duration(seconds) == text) }

    @Test(
        "writes expected durations",
        arguments: [
            (1, "~5s"), (42, "~40s"), (56, "~1m"), (118, "~2m"), (1030, "~17m"), (3599, "~1h 00m"),
            (45_468, "~12h 38m"), (1e300, "time unknown"),
        ] as [(Double, String)]
    )
    func roughDurations(seconds: Double, text: String) { #expect(Figures.roughDuration(seconds) == text) }

    @Test(
        "writes money",
        arguments: [
            (0, "$0.00"), (1, "<$0.01"), (120_000, "$0.12"), (1_005_000, "$1.01"), (26_100_000, "$26.10"),
            (1_234_567_890_000, "$1,234,567.89"), (-500_000, "-$0.50"),
        ] as [(Int64, String)]
    )
    func money(micros: Int64, text: String) { #expect(Figures.money(Money(micros: micros)) == text) }

    @Test(
        "writes bytes",
        arguments: [
            (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (7_700_000, "7.7 MB"), (999_950, "1.0 MB"),
            (253_000_000, "253 MB"), (Int.max, "9.2 EB"),
        ]
    )
    func bytes(size: Int, text: String) { #expect(Figures.bytes(size) == text) }

    @Test(
        "writes numbers to so many places",
        arguments: [(0.41267, 4, "0.4127"), (2.5, 0, "3"), (-0.001, 2, "0.00"), (12, 2, "12.00"), (1e300, 2, "1e+300")]
    )
    func fixed(value: Double, places: Int, text: String) { #expect(Figures.fixed(value, places: places) == text) }

    @Test(
        "writes counts with commas",
        arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567")]
    )
    func counts(value: Int, text: String) { #expect(Figures.count(value) == text) }
}

@Suite("Escapes")
struct EscapeTests {
    @Test("a JSON document means the same with what steers a terminal escaped")
    func json() throws {
        let value: JSONValue = ["a\u{9B}31m\u{202E}": "\u{E0041}\u{2028}\u{7F}é\n\u{1B}[2J"]
        let text = TerminalText.json(JSONText.pretty(value))
        #expect(try JSONParser.parse(text) == value)
        #expect(!text.unicodeScalars.contains { TerminalText.isHarmful($0) && $0 != "\n" })
        #expect(text.contains(#""a\u009b31m\u202e": "\udb40\udc41\u2028\u007fé\n\u001b[2J""#), "\(text)")
    }

    private static let hostile =
        "a\u{1B}[2J\u{9B}31m\u{7}\u{202E}b\u{2066}\u{200B}\u{E0041}\r\n| x |\n<script>alert('1')</script>"
        + "![i](http://e.org/?q) [l](javascript:a) `c` **b** @all #1 www.e.org\n\n# h\n</td></svg>]]>&amp;\u{0}"

    @Test("a terminal gets neither control nor bidirectional characters, nor lines of their own")
    func terminal() {
        let line = TerminalText.line(Self.hostile)
        #expect(!line.unicodeScalars.contains(where: TerminalText.isHarmful))
        #expect(!line.contains { $0.isNewline })
        #expect(TerminalText.lines("a\r\n\tb\n\u{1B}c") == ["a", "    b", "\u{FFFD}c"])
        #expect(TerminalText.line("Grüße, 名前 👩‍🚀") == "Grüße, 名前 👩‍🚀")
    }

    @Test(
        "a log gets no command to who runs the job, and keeps its columns",
        arguments: [
            ("::add-mask::x", "\u{A789}:add-mask::x"), ("  ::x", "  \u{A789}:x"), ("a ::x", "a ::x"), ("a::b", "a::b"),
            ("a ##[add-mask]x", "a #\u{266F}[add-mask]x"), ("##vso[x]", "#\u{266F}vso[x]"),
            ("###teamcity[x]", "##\u{266F}teamcity[x]"), ("## [1.0] #[x] ##", "## [1.0] #[x] ##"),
        ]
    )
    func commands(text: String, harmless: String) {
        #expect(TerminalText.line(text) == harmless)
        #expect(TextWrap.wrap(text, width: 100) == [harmless])
        #expect(TerminalText.lines("a\n" + text) == ["a", harmless])
    }

    @Test("a line that is broken begins with no command, and JSON has none")
    func brokenCommands() throws {
        #expect(
            TextWrap.hanging("  why  ", "because ::add-mask::x", width: 27) == [
                "  why  because", "       \u{A789}:add-mask::x",
            ]
        )
        let value: JSONValue = ["a": "##[add-mask]x ###[y]"]
        let text = TerminalText.json(JSONText.pretty(value))
        let read = try JSONParser.parse(text)
        #expect(!text.contains("##") && read == value)
    }

    @Test("markdown gets no markup, link, HTML or table cell")
    func markdown() {
        for text in [MarkdownText.inline(Self.hostile), MarkdownText.paragraph(Self.hostile)] {
            let bare = text.replacing("<br>", with: "").replacing(#/\\[`*_\[|~$:.#-]|&(#92|#8203|lt|amp);/#, with: "")
            #expect(!bare.contains { "<|`*_[\\~&$".contains($0) }, "\(bare)")
            #expect(!bare.contains("://") && !bare.contains("www."))
            #expect(!text.contains { $0.isNewline })
        }
    }

    @Test(
        "markdown escapes what means something there, and nothing else",
        arguments: [
            (#"{"order":8106,"wants":"refund"}"#, #"{"order":8106,"wants":"refund"}"#),
            ("plain, (really)! # 1 a@b.org it's 3 > 2: yes", "plain, (really)! # 1 a@b.org it's 3 > 2: yes"),
            ("snake_case and _this_ and __init__", #"snake_case and \_this\_ and \_\_init\_\_"#),
            ("a | b", #"a \| b"#), (#"a \| b"#, #"a &#92;\| b"#), (#"C:\new"#, "C:&#92;new"),
            ("R&D, AT&T, &lt; &#60;", "R&amp;D, AT&amp;T, &amp;lt; &amp;#&#8203;60;"), ("you & me", "you & me"),
            ("<b>", "&lt;b>"), ("**b** `c` ~~d~~ $e$", #"\*\*b\*\* \`c\` \~\~d\~\~ \$e\$"#),
            ("[l](http://e.org) ![i][j]", #"\[l](http\://e.org) !\[i]\[j]"#), ("www.e.org", #"www\.e.org"#),
            ("one\ntwo\n\n", "one<br>two"), ("- item", "- item"), ("", ""),
        ]
    )
    func markdownEscapes(text: String, escaped: String) { #expect(MarkdownText.inline(text) == escaped) }

    @Test(
        "markdown calls nobody, and no issue",
        arguments: [
            ("@team and (@o/team), é@you", "@&#8203;team and (@&#8203;o/team), é@&#8203;you"),
            ("#123, o/n#1 and GH-7", "#&#8203;123, o/n#&#8203;1 and GH-&#8203;7"),
            ("n!12 &3", "n!&#8203;12 &amp;&#8203;3"), ("acme/triage@3f9c, a @ b", "acme/triage@3f9c, a @ b"),
        ]
    )
    func mentions(text: String, escaped: String) {
        #expect(MarkdownText.inline(text) == escaped)
        #expect(MarkdownText.paragraph("to " + text) == "to " + escaped)
    }

    @Test(
        "a paragraph of markdown begins no list, heading, quote or rule",
        arguments: [
            ("- item", #"\- item"#), ("+ item", #"\+ item"#), ("# head", ##"\# head"##), ("> quote", #"\> quote"#),
            ("===", #"\==="#), ("12. item", #"12\. item"#), ("3) item", #"3\) item"#), ("3 items", "3 items"),
            ("    code", "code"), ("* * *", #"\* \* \*"#), ("Plain - text.", "Plain - text."),
        ]
    )
    func paragraphs(text: String, escaped: String) { #expect(MarkdownText.paragraph(text) == escaped) }

    @Test("an excerpt is the beginning")
    func excerpts() {
        #expect(MarkdownText.excerpt("abcdef", limit: 3) == "abc…")
        #expect(MarkdownText.excerpt("abc", limit: 3) == "abc")
    }

    @Test("XML gets no element, entity or attribute")
    func xml() {
        let text = XMLText.escaped(Self.hostile)
        let bare = text.replacing(#/&(amp|lt|gt|quot|#39);/#, with: "")
        #expect(!bare.contains { "<>&\"'".contains($0) })
        #expect(!text.unicodeScalars.contains { $0.value < 0x20 })
    }
}

@Suite("Widths")
struct WidthTests {
    @Test(
        "counts the columns that a terminal uses",
        arguments: [("abc", 3), ("名前", 4), ("e\u{301}", 1), ("👩‍🚀", 2), ("🇩🇪", 2), ("☀️", 2), ("", 0), ("ｱ", 1)]
    )
    func columns(text: String, width: Int) { #expect(DisplayWidth.of(text) == width) }

    @Test("cuts to a width, wide characters whole")
    func truncates() {
        #expect(DisplayWidth.truncated("abcdef", to: 4) == "abc…")
        #expect(DisplayWidth.truncated("名前名前", to: 4) == "名…")
        #expect(DisplayWidth.truncated("abc", to: 3) == "abc")
        #expect(DisplayWidth.truncated("abc", to: 0) == "")
    }

    @Test("wraps at spaces, and breaks words that are too wide")
    func wraps() {
        #expect(TextWrap.wrap("one two three", width: 7) == ["one two", "three"])
        #expect(TextWrap.wrap("to abcdefghij, no", width: 4) == ["to", "abcdefghij,", "no"])
        #expect(TextWrap.column("abcdefghij", width: 4) == ["abcd", "efgh", "ij"])
        #expect(TextWrap.column("名前abc", width: 3) == ["名", "前", "abc"])
        #expect(TextWrap.wrap("名前名前名", width: 5) == ["名前", "名前", "名"])
        #expect(TextWrap.wrap("a\n\n  b", width: 9) == ["a", "", "  b"])
        #expect(TextWrap.wrap("", width: 9) == [""])
        #expect(TextWrap.wrap("名", width: 1) == ["名"])
    }
}
