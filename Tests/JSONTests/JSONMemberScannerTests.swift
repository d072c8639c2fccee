//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Testing

@testable import JSON

@Suite("Members are found in bytes as the parser finds them")
struct JSONMemberScannerTests {
    private static let hexDigits = ["00e9", "00E9", "4e2d", "AbCd", "0041", "0022", "000a", "d83d\\uDE00", "FFFF"]
    private static let wrongDigits = [
        "00g9", "G0e9", "0/e9", "00:9", "@0e9", "00`9", "000", "é000", "00\u{10}9", "d83d", "dE00",
    ]
    private static let good = ["\\\"", "\\\\", "\\/", "\\b\\f\\n\\r\\t", "é", "中", "😀", "é中😀", "plain"]
    private static let bad = ["\\x", "\\", "\u{1}", "\u{1F}", "\n", "\\u"]

    /// The canonical form that is put together from the bytes of a row's one member; nothing where the scanner declines.
    private static func canonical(_ text: [UInt8]) -> [UInt8]? {
        var scanner = JSONMemberScanner()
        guard scanner.scanLine(text.span, from: 0) == text.count, let member = scanner.members.first else { return nil }
        var line = JSONLine()
        line.append(Array("{\"a\":\"".utf8))
        line.appendCanonical(text.span, member.value, escapes: scanner.escapes[member.escapes])
        line.append(Array("\"}".utf8))
        return line.withSpan { span in span.indices.map { span[$0] } }
    }

    private static func parsed(_ text: [UInt8]) -> [UInt8]? {
        (try? JSONParser.parse(text[...])).map { Array(CanonicalJSON.text($0).utf8) }
    }

    @Test("wherever an escape or a letter stands", arguments: good + bad + (hexDigits + wrongDigits).map { "\\u" + $0 })
    func everyPlace(_ special: String) {
        let isGood = Self.good.contains(special) || Self.hexDigits.contains(String(special.dropFirst(2)))
        for before in 0..<140 {
            for after in [0, 1, 62, 70] {
                let plain = String(repeating: "x", count: before)
                let text = Array("{\"a\":\"\(plain)\(special)\(String(repeating: "y", count: after))\"}".utf8)
                #expect(Self.canonical(text) == Self.parsed(text), "\(special) at \(before)")
                #expect((Self.parsed(text) != nil) == isGood, "\(special) at \(before)")
            }
        }
    }

    @Test("and says of no text that ends within a string where it ends")
    func cutShort() {
        let text = Array("{\"a\":\"\(String(repeating: "long é text\\n ", count: 20))\"}".utf8)
        for count in 0..<text.count {
            #expect(Self.canonical(Array(text.prefix(count))) == nil)
        }
        #expect(Self.canonical(text) != nil)
    }
}
