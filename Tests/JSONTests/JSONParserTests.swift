//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import JSON
import Testing

@Suite("The JSON parser")
struct JSONParserTests {
    private static let broken: [(String, Int, String, Bool)] = [
        ("", 0, "the text ends where a value was expected", true),
        ("  ", 2, "the text ends where a value was expected", true),
        ("{\"a\":", 5, "the text ends where a value was expected", true),
        ("{\"a\": 1", 7, "the text ends inside an object", true),
        ("[1, 2", 5, "the text ends inside an array", true),
        ("[1,", 3, "the text ends where a value was expected", true),
        ("{\"a", 3, "the text ends inside a string", true),
        ("\"\\", 2, "the text ends inside a string", true),
        ("\"\\u12", 5, "the text ends inside a string", true),
        ("tru", 3, "expected a value", true),
        ("-", 1, "expected a digit after '-'", true),
        ("1.", 2, "expected a digit after '.'", true),
        ("1e+", 3, "expected a digit in the exponent", true),
        ("trux", 0, "expected a value", false),
        ("[1, 2,]", 6, "a comma before ']'", false),
        ("{\"a\": 1,}", 8, "a comma before '}'", false),
        ("{a: 1}", 1, "expected a key in double quotes", false),
        ("{'a': 1}", 1, "expected a key in double quotes", false),
        ("{\"a\" 1}", 5, "expected ':' after a key", false),
        ("{\"a\": 1 \"b\": 2}", 8, "expected ',' or '}'", false),
        ("[1 2]", 3, "expected ',' or ']'", false),
        ("['a']", 1, "expected a value; JSON's strings take double quotes", false),
        ("{\"a\": NaN}", 6, "expected a value; JSON has no NaN and no Infinity", false),
        ("[-Infinity]", 2, "expected a digit after '-'", false),
        ("01", 1, "a number has no zero in front", false),
        ("+1", 0, "expected a value", false),
        (".5", 0, "expected a value", false),
        ("[1.e5]", 3, "expected a digit after '.'", false),
        ("1 2", 2, "unexpected text after the value", false),
        ("{} x", 3, "unexpected text after the value", false),
        ("\"a\nb\"", 2, "a control character in a string has to be escaped", false),
        ("\"\\x41\"", 2, "unknown escape in a string", false),
        ("\"\\u12G4\"", 5, "expected four hexadecimal digits after \\u", false),
        ("\"\\u+123\"", 3, "expected four hexadecimal digits after \\u", false),
        ("[\"\\ud83d\"]", 2, "an escape names half of a surrogate pair, which UTF-8 cannot carry", false),
        ("[\"\\ude00\"]", 2, "an escape names half of a surrogate pair, which UTF-8 cannot carry", false),
        ("[\"\\ud83d\\u0041\"]", 2, "an escape names half of a surrogate pair, which UTF-8 cannot carry", false),
        ("\u{FEFF}{}", 0, "expected a value", false),
        ("// a", 0, "expected a value", false),
    ]

    @Test("says what is wrong and where, and whether the text was cut off", arguments: broken)
    func error(_ text: String, _ offset: Int, _ message: String, _ isCutOff: Bool) {
        let expected = JSONError(offset: offset, message: message, isCutOff: isCutOff)
        #expect(throws: expected) { try JSONParser.parse(text) }
    }

    @Test("names the byte at which UTF-8 breaks, escapes or none before it")
    func invalidUTF8() {
        for (prefix, offset) in [("[\"ab", 4), ("[\"a\\nb\u{E9}", 8)] {
            for bad in [[0xFF], [0xC3], [0xE2, 0x82], [0xC0, 0xAF], [0xED, 0xA0, 0x80]] as [[UInt8]] {
                let bytes = Array(prefix.utf8) + bad + Array("\"]".utf8)
                let expected = JSONError(offset: offset, message: "the string is not valid UTF-8")
                #expect(throws: expected) { try JSONParser.parse(bytes[...]) }
            }
        }
    }

    @Test("offsets count from the start of a slice")
    func slices() throws {
        let bytes = Array("xx[1, ?]yy".utf8)
        #expect(throws: JSONError(offset: 4, message: "expected a value")) { try JSONParser.parse(bytes[2..<8]) }
        #expect(try JSONParser.parse(Array("xx[1]".utf8)[2...]) == [1])
    }

    @Test("nests as deep as its limit and no deeper, on a thread of the pool too")
    func depth() async throws {
        let task = Task { try JSONParser.parse(Self.nested(JSONParser.depthLimit)) }
        _ = try await task.value
        #expect(throws: JSONError.self) { try JSONParser.parse(Self.nested(JSONParser.depthLimit + 1)) }
        #expect(throws: JSONError.self) { try JSONParser.parse(Self.nested(200_000)) }
    }

    private static func nested(_ levels: Int) -> String {
        String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
    }

    @Test("reads large objects and long strings with many escapes in time that grows with their size")
    func large() throws {
        let members = (0..<20_000).map { "\"key \($0)\":\($0)" }.joined(separator: ",")
        #expect(try JSONParser.parse("{\(members)}").object?.members.count == 20_000)
        let escapes = String(repeating: "\\n\\u00e9", count: 50_000)
        #expect(try JSONParser.parse("\"\(escapes)\"").string?.unicodeScalars.count == 100_000)
    }
}
