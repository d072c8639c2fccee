//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import JSON
import Testing

@Suite("Canonical JSON is that of RFC 8785")
struct CanonicalJSONTests {
    /// The table of the RFC's appendix B, and what ECMAScript says beside it.
    private static let numbers: [(UInt64, String)] = [
        (0x0000_0000_0000_0000, "0"), (0x8000_0000_0000_0000, "0"), (0x0000_0000_0000_0001, "5e-324"),
        (0x8000_0000_0000_0001, "-5e-324"), (0x7FEF_FFFF_FFFF_FFFF, "1.7976931348623157e+308"),
        (0xFFEF_FFFF_FFFF_FFFF, "-1.7976931348623157e+308"), (0x4340_0000_0000_0000, "9007199254740992"),
        (0xC340_0000_0000_0000, "-9007199254740992"), (0x4430_0000_0000_0000, "295147905179352830000"),
        (0x44B5_2D02_C7E1_4AF5, "9.999999999999997e+22"), (0x44B5_2D02_C7E1_4AF6, "1e+23"),
        (0x44B5_2D02_C7E1_4AF7, "1.0000000000000001e+23"), (0x444B_1AE4_D6E2_EF4E, "999999999999999700000"),
        (0x444B_1AE4_D6E2_EF4F, "999999999999999900000"), (0x444B_1AE4_D6E2_EF50, "1e+21"),
        (0x3EB0_C6F7_A0B5_ED8C, "9.999999999999997e-7"), (0x3EB0_C6F7_A0B5_ED8D, "0.000001"),
        (0x41B3_DE43_5555_5553, "333333333.3333332"), (0x41B3_DE43_5555_5554, "333333333.33333325"),
        (0x41B3_DE43_5555_5555, "333333333.3333333"), (0x41B3_DE43_5555_5556, "333333333.3333334"),
        (0x41B3_DE43_5555_5557, "333333333.33333343"), (0xBECB_F647_612F_3696, "-0.0000033333333333333333"),
        (0x4314_3FF3_C1CB_0959, "1424953923781206.2"), (0x3FF0_0000_0000_0000, "1"), (0xC010_0000_0000_0000, "-4"),
        (0x7FF0_0000_0000_0000, "1e999"), (0xFFF0_0000_0000_0000, "-1e999"), (0x7FF8_0000_0000_0000, "null"),
    ]

    @Test("numbers are laid out as ECMAScript lays them out", arguments: numbers)
    func number(_ bits: UInt64, _ text: String) {
        #expect(CanonicalJSON.text(of: Double(bitPattern: bits)) == text)
    }

    @Test("a number that no double holds keeps its value when it is read again")
    func overflow() throws {
        let once = CanonicalJSON.text(try JSONParser.parse("[1e400, -1e400]"))
        #expect(once == "[1e999,-1e999]")
        #expect(CanonicalJSON.text(try JSONParser.parse(once)) == once)
    }

    @Test("the RFC's own example comes out as the RFC says")
    func example() throws {
        let text = #"""
            {
              "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
              "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
              "literals": [null, true, false]
            }
            """#
        let expected =
            #"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"#
            + #""string":"€$\u000f\nA'B\"\\\\\"/"}"#
        #expect(CanonicalJSON.text(try JSONParser.parse(text)) == expected)
    }

    @Test("keys are sorted by UTF-16 code units, so that a surrogate pair comes before U+FB33")
    func sorting() throws {
        let text = #"""
            {"\u20ac": 5, "\r": 1, "\ufb33": 7, "1": 2, "\ud83d\ude00": 6, "\u0080": 3, "\u00f6": 4}
            """#
        let canonical = CanonicalJSON.text(try JSONParser.parse(text))
        let values = try #require(try JSONParser.parse(canonical).object).members.compactMap(\.value.int)
        #expect(values == [1, 2, 3, 4, 5, 6, 7])
    }

    @Test("control characters are escaped in the short form where there is one")
    func escapes() {
        let text = String(String.UnicodeScalarView((0...0x20).compactMap(UnicodeScalar.init) + ["\u{7F}", "\u{2028}"]))
        let expected =
            #""\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f\u0010\u0011\u0012\u0013"#
            + #"\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f "# + "\u{7F}\u{2028}\""
        #expect(CanonicalJSON.text(.string(text)) == expected)
    }

    @Test(
        "writes whole numbers of any spelling alike",
        arguments: [
            ("-0", "0"), ("-0.0", "0"), ("1.0", "1"), ("1e2", "100"), ("999999999999999", "999999999999999"),
            ("-999999999999999", "-999999999999999"), ("1000000000000000", "1000000000000000"),
            ("9007199254740993", "9007199254740992"), ("1e21", "1e+21"), ("123456789012345678", "123456789012345680"),
        ]
    )
    func wholeNumbers(text: String, expected: String) throws {
        #expect(CanonicalJSON.text(try JSONParser.parse(text)) == expected)
        #expect(CanonicalJSON.text(of: try #require(Double(text))) == expected)
    }
}
