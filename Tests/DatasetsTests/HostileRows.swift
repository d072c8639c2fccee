//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import FtopsTestSupport
import JSON

/// Rows made to break a template: quotes, braces, emoji, line ends, numbers of every kind, nested values.
enum HostileRows {
    static let seed: UInt64 = 20_240_117

    private static let pieces = [
        "Neville: Hi there", "\n", "\r\n", "\t", "\"quoted\"", "it's", "{", "}", "{{", "}}", "{dialogue}", "{0}", "{}",
        "%s", "\\n", "\\", "/", "🙂", "👩‍👩‍👧", "é", "e\u{301}", "ß", "漢字", "\u{202E}rtl", "\u{FEFF}", "\u{0}", "\u{1F}",
        "\u{7F}",
        "\u{2028}", "\u{10FFFF}", "</s>", "[INST]", "<<SYS>>", " ", "  ", "", "a,b", "$x", "#", "1e5",
    ]

    /// Numbers as JSON writes them, at the corners of Python's number text.
    static let numbers = [
        "0", "-0", "1", "-17", "1.0", "-0.0", "0.1", "1e16", "1E+16", "123456789012345680.0", "9999999999999998.0",
        "1e15",
        "1e400", "-1E400", "1e-400", "5e-324", "2.5e-5", "0.0001", "0.00001", "1.7976931348623157e308", "1e22", "1e21",
        "12345678901234567890123456789", "-9007199254740993", "3.141592653589793", "100", "1e2", "1.10", "0e0", "4.35",
        "2.2250738585072014e-308", "6.02e23", "0.30000000000000004",
    ]

    static func rows(_ count: Int) -> [String] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { number in row(number, &generator) }
    }

    private static func row(_ number: Int, _ generator: inout SeededGenerator) -> String {
        let members = [
            "\"id\": \(number)",
            "\"dialogue\": \(string(&generator))",
            "\"summary\": \(string(&generator))",
            "\"value\": \(scalar(&generator))",
            "\"nested\": {\"inner\": \(scalar(&generator)), \"0\": \(scalar(&generator)), \"a b\": \(string(&generator))}",
            "\"list\": [\(scalar(&generator)), [\(scalar(&generator)), {\"deep key!\": \(scalar(&generator))}]]",
        ]
        return "{" + members.shuffled(using: &generator).joined(separator: ", ") + "}"
    }

    private static func scalar(_ generator: inout SeededGenerator) -> String {
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: "null"
        case 1: "true"
        case 2: "false"
        case 3: string(&generator)
        default: generator.pick(numbers)
        }
    }

    /// A string literal, some of its characters written as escapes.
    private static func string(_ generator: inout SeededGenerator) -> String {
        let count = Int.random(in: 0...8, using: &generator)
        let text = (0..<count).map { _ in generator.pick(pieces) }.joined()
        guard Bool.random(using: &generator) else { return JSONText.compact(.string(text)) }
        return "\"" + text.utf16.map(escape).joined() + "\""
    }

    private static func escape(_ unit: UInt16) -> String {
        let hex = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - hex.count) + (unit % 2 == 0 ? hex : hex.uppercased())
    }
}
