//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Testing

@testable import YAML

@Suite("Writing YAML")
struct YAMLWriterTests {
    @Test("writes block style with two spaces a level")
    func blockStyle() {
        let value: YAMLValue = [
            "state": "started",
            "holder": ["id": "5c1f", "until": "2026-11-24T10:00:00Z"],
            "attempts": [["n": 1, "cost": 26.1, "files": []], ["n": 2, "intent": [:]]],
            "note": "first\nsecond\n",
            "lists": [["a", "b"], [["c"]]],
            "request": nil,
            "rate": 0.00001,
        ]
        let expected = """
            state: started
            holder:
              id: 5c1f
              until: "2026-11-24T10:00:00Z"
            attempts:
              - "n": 1
                cost: 26.1
                files: []
              - "n": 2
                intent: {}
            note: |
              first
              second
            lists:
              - - a
                - b
              - - - c
            request: null
            rate: 1.0e-05

            """
        #expect(YAMLWriter.text(value) == expected)
    }

    @Test(
        "quotes what some reader takes for something else",
        arguments: [
            "", "on", "Yes", "n", "null", "~", "1e-4", "12", "0x1f", "0b11", "2026-11-24", "190:20:30", ".5", "-1",
            "+1",
            "true", "- a", "a: b", "a #b", " a", "a ", "a:", "#a", "&a", "*a", "!a", "@a", "%a", "=", "<<", "---", "{a",
            "[a", "a\tb", "a\u{85}b", "a\u{2028}b", "\u{FEFF}a", "a\rb", "\u{202E}a", "12e5", "1_000", "?", "'a",
        ]
    )
    func quotes(_ text: String) throws {
        let written = YAMLWriter.text(["k": .string(text)])
        #expect(written.hasPrefix("k: \""))
        #expect(try YAMLReader.value(Array(written.utf8)) == ["k": .string(text)])
    }

    @Test(
        "leaves plain what everybody reads as a string",
        arguments: [
            "a", "a-b", "acme/model", "9c1f", "7B", "2h", "refs/ftops/ledger", "a:b", "Grüße 🙂", "it's", "a, [b]",
        ]
    )
    func plain(_ text: String) throws {
        let written = YAMLWriter.text(["k": .string(text)])
        #expect(written == "k: \(text)\n")
        #expect(try YAMLReader.value(Array(written.utf8)) == ["k": .string(text)])
    }

    @Test(
        "writes lines as a literal block where it is faithful",
        arguments: [
            ("a\nb", "|-\n  a\n  b\n"), ("a\n", "|\n  a\n"), ("a\n\n\n", "|+\n  a\n\n\n"),
            (" a\nb", "|2-\n   a\n  b\n"),
            ("\n\na", "|2-\n\n\n  a\n"), ("\ta\nb", "|2-\n  \ta\n  b\n"), ("a  \n \nb", "|-\n  a  \n   \n  b\n"),
            ("\n", "\"\\n\"\n"), ("a\r\nb", "\"a\\r\\nb\"\n"), ("a\u{1}\nb", "\"a\\x01\\nb\"\n"),
        ]
    )
    func literals(_ text: String, _ expected: String) throws {
        let written = YAMLWriter.text(["k": .string(text)])
        #expect(written == "k: " + expected)
        #expect(try YAMLReader.value(Array(written.utf8)) == ["k": .string(text)])
    }

    @Test("reads back what it wrote, whatever the value", arguments: 0..<40)
    func roundTrip(_ seed: UInt64) throws {
        var random = RandomValues(seed: seed)
        for _ in 0..<50 {
            let value = random.value(depth: 4)
            let written = YAMLWriter.text(value)
            let read = try YAMLReader.value(Array(written.utf8))
            #expect(Exact(read) == Exact(value), "seed \(seed)\n\(written)")
            #expect(YAMLWriter.text(read) == written)
        }
    }

    @Test("reads back keys longer than a parser looks ahead")
    func longKeys() throws {
        for count in [999, 1000, 1001, 1024, 5000] {
            let value: YAMLValue = .mapping([
                YAMLPair(String(repeating: "k", count: count), ["a": [1]]), YAMLPair("b", 2),
            ])
            #expect(try YAMLReader.value(Array(YAMLWriter.text(value).utf8)) == value)
        }
    }
}

/// A value compared by its texts' bytes, since strings of equal meaning but other scalars count as equal in Swift.
private struct Exact: Equatable {
    let text: String
    init(_ value: YAMLValue) { text = Exact.describe(value) }

    static func describe(_ value: YAMLValue) -> String {
        switch value {
        case .string(let text): "s" + text.utf8.map { String($0) }.joined(separator: " ")
        case .sequence(let elements): "[" + elements.map(describe).joined(separator: ",") + "]"
        case .mapping(let pairs):
            "{" + pairs.map { describe(.string($0.key)) + ":" + describe($0.value) }.joined(separator: ",") + "}"
        default: "\(value)"
        }
    }
}

private struct RandomValues: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let mixed = (state ^ (state >> 31)) &* 0x7FB5_D329_728E_A185
        return mixed ^ (mixed >> 27)
    }

    mutating func value(depth: Int) -> YAMLValue {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &self) {
        case 0: return Bool.random(using: &self) ? .null : .bool(Bool.random(using: &self))
        case 1: return .int(Int(truncatingIfNeeded: next()) >> Int.random(in: 0..<64, using: &self))
        case 2:
            let number = Double(bitPattern: next())
            return .double(number.isNaN ? 0.5 : number)
        case 3, 4, 5: return .string(text())
        case 6, 7:
            let keys = Set((0..<Int.random(in: 0..<5, using: &self)).map { _ in text() })
            return .mapping(keys.sorted().map { YAMLPair($0, value(depth: depth - 1)) })
        default: return .sequence((0..<Int.random(in: 0..<5, using: &self)).map { _ in value(depth: depth - 1) })
        }
    }

    mutating func text() -> String {
        let pieces = [
            " ", "  ", "\n", "\n\n", "\r", "\r\n", "\t", "a", "b c", ":", ": ", " #", "#", "- ", "-", "'", "\"", "\\",
            "1",
            "e", "0x", ".", "🙂", "👩‍👩‍👧", "é", "e\u{301}", "\u{0}", "\u{1}", "\u{7F}", "\u{85}", "\u{A0}", "\u{2028}",
            "\u{2029}", "\u{FEFF}", "\u{FFFE}", "\u{10FFFF}", "\u{202E}", "{", "}", "[", "]", ",", "&", "*", "!", "|",
            ">",
            "%", "@", "`", "?", "~", "true", "null", "yes", "2026-11-24", "---", "...", "=", "<<", "{dialogue}",
            "\u{1B}",
        ]
        let count = Int.random(in: 0..<7, using: &self)
        return (0..<count).map { _ in pieces[Int.random(in: 0..<pieces.count, using: &self)] }.joined()
    }
}
