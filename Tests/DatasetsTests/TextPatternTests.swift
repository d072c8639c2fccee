//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import FtopsTestSupport
import Testing

@testable import Datasets

@Suite("Patterns")
struct TextPatternTests {
    private static let patterns = [
        "", "a", "abc", "a|b", "a|bc|", "a*", "a+b", "a?b", "(ab)+c", "(?:ab|ba){2}", "a{2}", "a{2,}b", "a{1,3}b",
        "[abc]c", "[^ab]", "[a-c-]", "[]a]", "[^]a]", "\\d+", "\\D\\w\\W\\s\\S", "^a", "c$", "^abc$", "^$",
        "\\ba", "a\\b", "\\Ba", "(?i)AbC", "(?i)[a-b]C", "(?i)é", ".b.", "(?s)a.b", "(?m)^b", "(?m)a$", "a.b",
        "(a|ab)(c|bcd)",
        "(a*)*b", "(a|a)*c", "x*y*z*$", "\\.", "\\[a\\]", "[\\d.]+", "[\\w-]+c", "\\t|\\n", "é+", "[à-ÿ]", "(^a|b$)",
        "a{0}b",
        "(?:)", "(a?){3}b", "\\Aab", "\\x", "a{1,2}?b", "a*?b", "[^\\d]a",
    ]
    private static let alphabet = Array("abcABC1 \n.-é[]x😀".unicodeScalars)

    @Test("find what Python's re finds")
    func agrees() throws {
        var generator = SeededGenerator(seed: 9)
        let texts =
            ["", "a", "abc", "b\na", "aab", "ab\n", "É", "aB1.c-"]
            + (0..<150).map { _ in
                var text = String.UnicodeScalarView()
                for _ in 0..<Int.random(in: 0..<9, using: &generator) {
                    text.append(Self.alphabet[Int.random(in: 0..<Self.alphabet.count, using: &generator)])
                }
                return String(text)
            }
        let patterns = Self.patterns.filter { (try? TextPattern($0)) != nil }
        #expect(patterns.count == Self.patterns.count - 1)
        // `$` also stands before a last line feed in Python.
        let script = """
            import json, re, sys
            patterns, texts = json.loads(sys.stdin.read())
            for p in patterns:
                p = re.sub(r"(?<![\\\\\\\\])\\$$", r"\\\\Z", p) if "(?m)" not in p else p
                p = p.replace("(^a|b$)", "(^a|b\\\\Z)")
                print("".join("1" if re.search(p, t, re.ASCII if "(?i)é" not in p else 0) else "0" for t in texts))
            """
        func list(_ texts: [String]) -> String {
            "["
                + texts.map { text in
                    "\"" + text.unicodeScalars.map { Self.escaped($0) }.joined() + "\""
                }.joined(separator: ",") + "]"
        }
        let expected = try Python.run(script, on: Array("[\(list(patterns)),\(list(texts))]".utf8))
        for (pattern, line) in zip(patterns, expected) {
            var search = PatternSearch(try TextPattern(pattern))
            let found = texts.map { search.finds(in: $0) ? "1" : "0" }.joined()
            #expect(found == line, "\(pattern)")
        }
        #expect(expected.count == patterns.count)
    }

    private static func escaped(_ scalar: UnicodeScalar) -> String {
        String(scalar).utf16.map { unit in
            let hex = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
        }.joined()
    }

    @Test(
        "that would keep others busy for ever take a moment",
        arguments: [
            "(a*)*b", "(a|a)*b", "(a+)+$", "(.*)(.*)(.*)(.*)(.*)[xy]z", "(a?){100}a{100}b", "(?:a|b|ab)*c.{200}d",
        ]
    )
    func hostile(_ pattern: String) throws {
        var search = PatternSearch(try TextPattern(pattern))
        let isFound = search.finds(in: String(repeating: "a", count: 20_000) + "!")
        #expect(!isFound)
    }

    @Test(
        "are refused where they are no patterns, or too large",
        arguments: [
            "(", ")", "[a", "a**", "*a", "+", "(?=a)", "(?P<n>a)", "\\1", "\\p{L}", "[[:alpha:]]", "a{2,1}", "a{1001}",
            "((a{100}){100}){100}", "\\", "[b-a]", "a{2}{3}", "(?x)a",
        ]
    )
    func refused(_ pattern: String) { #expect(throws: PatternError.self) { try TextPattern(pattern) } }
}
