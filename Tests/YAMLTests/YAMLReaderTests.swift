//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Testing

@testable import YAML

@Suite("Reading YAML")
struct YAMLReaderTests {
    private func documents(_ text: String) throws -> [YAMLNode] { try YAMLReader.documents(Array(text.utf8)) }

    private func span(_ node: YAMLNode) -> [Int] {
        [node.start.line, node.start.column, node.end.line, node.end.column]
    }

    @Test("says where every node begins and ends")
    func positions() throws {
        let text = """
            a: 🙂x  # comment
            list:
              - "q": {b: [1, 2]}
              - |
                one
                two


            empty:
            last: plain
              text

            """
        let pairs = try #require(try documents(text).first?.mapping)
        #expect(span(pairs[0].value) == [1, 4, 1, 6])
        let list = try #require(pairs[1].value.sequence)
        #expect(span(pairs[1].value) == [3, 3, 6, 8])
        #expect(span(list[0]) == [3, 5, 3, 21])
        #expect(list[0].mapping?[0].key.scalar == YAMLNode.Scalar(text: "q", style: .quoted))
        #expect(list[0].mapping.map { span($0[0].value) } == [3, 10, 3, 21])
        #expect(span(list[1]) == [4, 5, 6, 8])
        #expect(list[1].scalar == YAMLNode.Scalar(text: "one\ntwo\n", style: .block))
        #expect(span(pairs[2].value) == [9, 7, 9, 7])
        #expect(pairs[3].value.scalar?.text == "plain text")
        #expect(span(pairs[3].value) == [10, 7, 11, 7])
    }

    @Test("counts lines as editors do")
    func lines() throws {
        let pairs = try #require(try documents("a: \"x y\"\r\nb: 1\rc: 2\r\n\nd: 3").first?.mapping)
        #expect(pairs.map(\.key.start.line) == [1, 2, 3, 5])
        #expect(pairs.allSatisfy { $0.key.start.column == 1 })
    }

    @Test("gives several documents and skips empty ones")
    func severalDocuments() throws {
        #expect(try documents("").isEmpty)
        #expect(try documents("# only a comment\n---\n---\n").isEmpty)
        let found = try documents("---\na: 1\n---\n# nothing\n---\nb: 2\n...\n---\nnull\n")
        #expect(found.map { $0.mapping?.first?.key.scalar?.text } == ["a", "b", nil])
    }

    @Test("keeps a key that stands twice in nodes, and refuses it in values")
    func duplicateKeys() throws {
        #expect(try documents("a: 1\na: 2").first?.mapping?.count == 2)
        #expect(throws: YAMLError("the key a stands here twice", at: YAMLPosition(line: 2, column: 1))) {
            try YAMLReader.value(Array("a: 1\na: 2".utf8))
        }
    }

    @Test("resolves aliases, at the place of the alias")
    func aliases() throws {
        let pairs = try #require(try documents("a: &x {b: 1}\nc: *x\n").first?.mapping)
        #expect(pairs[1].value.content == pairs[0].value.content)
        #expect(span(pairs[1].value) == [2, 4, 2, 6])
    }

    @Test(
        "knows the core schema",
        arguments: [
            ("1e-4", .double(0.0001)), ("on", "on"), ("yes", "yes"), ("0o17", 15), ("0x1F", 31), ("017", 17),
            ("1_000", "1_000"), ("True", true), ("~", nil), ("", nil), ("'1'", "1"), (".5", .double(0.5)),
            ("5.", .double(5)), (".", "."), ("-.inf", .double(-.infinity)), ("1:30", "1:30"),
            ("2026-11-24", "2026-11-24"),
            ("!!str 12", "12"), ("!!float 1", .double(1)), ("! 12", "12"), ("0x-1", "0x-1"), ("+12", 12), ("1e", "1e"),
            ("99999999999999999999", .double(1e20)),
        ] as [(String, YAMLValue)]
    )
    func coreSchema(_ text: String, _ expected: YAMLValue) throws {
        #expect(try YAMLReader.value(Array("k: \(text)".utf8)) == ["k": expected])
    }

    @Test(
        "says what is wrong, and where",
        arguments: [
            ("a: [1", "1:6: did not find expected ',' or ']' (while parsing a flow sequence that begins at 1:4)"),
            ("a: 'b", "1:6: found unexpected end of stream (while scanning a quoted scalar that begins at 1:4)"),
            ("a: *b", "1:4: the alias *b names nothing: no &b before it"),
            ("a: &b [*b]", "1:8: the alias *b stands inside of what it names"),
            ("a: !x 1", "1:4: the tag !x is not known here"),
            ("a: !!binary eA==", "1:4: the tag !!binary is not known here"),
            ("🙂: b: c", "1:5: mapping values are not allowed in this context"),
            ("a: \u{1}", "1:4: the character U+0001 is not allowed; escape it in double quotes"),
            ("a: |\n  b\u{2028}c", "2:4: the character U+2028 is not allowed; escape it in double quotes"),
            ("a: \"\u{85}\"", "1:5: the character U+0085 is not allowed; escape it in double quotes"),
            ("a:\r\nb\0", "2:2: a NUL character; is this a text file?"),
            ("\u{FEFF}a: b", "1:1: the file begins with a byte order mark; save it as UTF-8 without one"),
        ]
    )
    func errors(_ text: String, _ expected: String) {
        #expect(message(Array(text.utf8)) == expected)
    }

    @Test(
        "refuses what is not UTF-8",
        arguments: [
            [0xFF], [0x80], [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xC3],
            [0xE2, 0x82], [0xC3, 0x28],
        ] as [[UInt8]]
    )
    func invalidUTF8(_ bytes: [UInt8]) {
        let hex = String(bytes[0], radix: 16, uppercase: true)
        #expect(message(Array("a: \n b".utf8) + bytes) == "2:3: byte 0x\(hex) is not UTF-8; save the file as UTF-8")
    }

    @Test("bounds depth, size and what aliases stand for")
    func bounds() {
        let deep = String(repeating: "[", count: 200)
        #expect(message(Array(deep.utf8)) == "1:101: nested deeper than 100 levels")
        let laughs =
            "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
            + zip("abcdefg", "bcdefgh").map { from, to in
                "\(to): &\(to) [" + repeatElement("*\(from)", count: 10).joined(separator: ",") + "]\n"
            }.joined()
        #expect(message(Array(laughs.utf8))?.hasSuffix("aliases stand for more than 100000 nodes") == true)
        let chain = "- &a0 [x]\n" + (1...150).map { "- &a\($0) [*a\($0 - 1)]\n" }.joined()
        #expect(message(Array(chain.utf8))?.hasSuffix("nested deeper than 100 levels") == true)
        let large = [UInt8](repeating: UInt8(ascii: "#"), count: (4 << 20) + 1)
        #expect(message(large) == "1:1: more than 4 MB of YAML")
    }

    @Test(
        "bounds lines, nodes and scalars too",
        arguments: [
            ("a: 1\nb: 2\n\n\n\n", "6:1: more than 5 lines; use several files"),
            ("[a, {b: c}, d, e]", "1:16: more than 6 nodes; use several files"),
            ("a: \(String(repeating: "x", count: 2049))", "1:4: a text of more than 2 KB"),
            ("%TAG !a! tag:x,2026:\n---\na: 1\n", "1:1: tags of one's own are not known here; leave %TAG out"),
            ("a: 1\n---\n%TAG", "3:1: tags of one's own are not known here; leave %TAG out"),
            ("a: b\n--- c\n--- d\n", nil),
        ] as [(String, String?)]
    )
    func smallBounds(_ text: String, _ expected: String?) {
        #expect(message(Array(text.utf8), within: YAMLBounds(lines: 5, nodes: 6, scalar: 2048)) == expected)
    }

    @Test("survives every truncation and every changed byte of a document")
    func mutations() {
        let text = Array("a: &x {b: [1, \"c\\n\"]}\n? *x\n: |2-\n   d\n--- !!map\n- 'e'\n...\n%YAML 1.2\n---\nf\n".utf8)
        for index in text.indices {
            _ = message(Array(text[..<index]))
            for byte: UInt8 in [0, 9, 10, 32, 34, 42, 58, 91, 123, 124, 255] {
                var changed = text
                changed[index] = byte
                _ = message(changed)
            }
        }
    }

    private func message(_ bytes: [UInt8], within bounds: YAMLBounds = .standard) -> String? {
        do {
            _ = try YAMLReader.documents(bytes, within: bounds)
            return nil
        } catch {
            return error.description
        }
    }
}
