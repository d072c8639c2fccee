//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import JSON
import Testing

@Suite("JSON values")
struct JSONValueTests {
    private static let composed = "\u{E9}"
    private static let decomposed = "e\u{301}"

    @Test("tell composed from decomposed accents, unlike Swift's strings")
    func accents() throws {
        #expect(Self.composed == Self.decomposed)
        #expect(JSONValue.string(Self.composed) != .string(Self.decomposed))
        let object = try #require(
            try JSONParser.parse("{\"\(Self.composed)\": 1, \"\(Self.decomposed)\": 2}").object
        )
        #expect(object.members.count == 2)
        #expect(object[Self.composed] == 1)
        #expect(object[Self.decomposed] == 2)
        #expect(object != (["\(Self.decomposed)": 1, "\(Self.composed)": 2] as JSONValue).object)
        #expect(["\u{E9}": 1] as JSONValue != ["e\u{301}": 1])
    }

    @Test("an object keeps the place of a key that is set again, and loses one that is set to nothing")
    func setting() {
        var object = JSONObject([.init(key: "a", value: 1), .init(key: "b", value: 2)])
        object["a"] = 3
        object["c"] = nil
        #expect(object.members.map(\.key) == ["a", "b"])
        #expect(object["a"] == 3)
        object["a"] = nil
        object["d"] = true
        #expect(object.keys == ["b", "d"])
    }

    @Test("of a key that comes twice the last value and the first place stay", arguments: [3, 40])
    func duplicates(_ count: Int) throws {
        let members = (0..<count).map { "\"k\($0)\": \($0)" } + ["\"k1\": \"last\""]
        let object = try #require(try JSONParser.parse("{" + members.joined(separator: ",") + "}").object)
        #expect(object.keys == (0..<count).map { "k\($0)" })
        #expect(object["k1"] == "last")
    }

    @Test("a number says whether it is whole, and its value where one fits")
    func numbers() throws {
        let values = try #require(try JSONParser.parse("[1, -0, 1.0, 1e2, 9223372036854775808, 1e400]").array)
        #expect(values.map(\.int) == [1, 0, nil, nil, nil, nil])
        #expect(values.map(\.double) == [1, 0, 1, 100, 9_223_372_036_854_775_808, .infinity])
        #expect(JSONValue.double(.nan) == .null)
        #expect(JSONValue.double(1e21) == .number(JSONNumber(literal: "1e+21")))
    }

    @Test("text for people keeps order and numbers as they were written")
    func text() throws {
        let value = try JSONParser.parse(#"{"b": [1.50, {}, []], "a": {"c": "x\ty"}}"#)
        #expect(JSONText.compact(value) == #"{"b":[1.50,{},[]],"a":{"c":"x\ty"}}"#)
        let pretty = """
            {
              "b": [
                1.50,
                {},
                []
              ],
              "a": {
                "c": "x\\ty"
              }
            }

            """
        #expect(JSONText.pretty(value) == pretty)
        #expect(try JSONParser.parse(pretty) == value)
    }
}
