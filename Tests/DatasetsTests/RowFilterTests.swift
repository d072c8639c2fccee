//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import JSON
import Testing

@testable import Datasets

@Suite("Filters")
struct RowFilterTests {
    private static let row = """
        {"id": 7, "score": 0.5, "big": 9007199254740993, "text": "Größe 10\\nTODO later", "empty": "", "no": null,
        "ok": true, "tags": ["a", 3], "deep": {"list": [{"name": "x"}], "key": "v"}, "odd name": "y", "n": "12.5"}
        """

    private static func keeps(_ filter: String) throws -> Bool {
        let value = try JSONParser.parse(Array(row.utf8)[...])
        var run = RowFilterRun(try RowFilter(filter))
        return try run.keeps(try #require(value.object))
    }

    @Test(
        "keep rows for which they are true",
        arguments: [
            "id == 7", "7 == id", "id != 8", "score < 1", "score <= 0.5", "score >= 5e-1", "score > -1", "ok",
            "not (id == 8)", "not not ok", "id == 8 or id == 7", "id == 7 and score == 0.5 and ok",
            "id == 8 and ok or ok", "not id == 8 and ok", "(id == 7)", "length(text) == 19", "length(empty) == 0",
            "length(tags) == 2", "length(deep) == 2", "text contains 'TODO'", "text contains ''", "tags contains 'a'",
            "tags contains 3", "not (tags contains 'b')", "text matches '^Gr.+e \\d+$' or text matches '(?m)^TODO'",
            "deep[key] == 'v'", "deep[list][0][name] == \"x\"", "{odd name} == 'y'", "{deep[list][0][name]} == 'x'",
            "deep['key'] == 'v'", "no == null", "missing == null", "deep[nothing][at] == null", "text != null",
            "not (no < 5)", "not (no contains 'a')", "length(no) == null", "number(n) > 12", "number(empty) == null",
            "'it''s' == 'it''s'", "big > 9007199254740992", "'a' < 'b'", "'Z' < 'a'", "ok == true", "ok != false",
            "true", "not no", "{id} == 7 and{score} < 1",
        ]
    )
    func holds(_ filter: String) throws { #expect(try Self.keeps(filter)) }

    @Test(
        "leave out rows for which they are false",
        arguments: [
            "id == 8", "id < 7", "not ok", "no < 5", "no > 5", "no == 5", "missing contains 'a'", "no matches '.*'",
            "text contains 'todo'", "false", "no", "missing", "length(missing) < 8000", "number(missing) > 0",
            "tags contains 4", "'a' == 'A'",
        ]
    )
    func fails(_ filter: String) throws { #expect(try !Self.keeps(filter)) }

    @Test(
        "say where they are wrong",
        arguments: [
            ("", 0, "expected a field, a value or `(`; the filter ends here"),
            ("id = 7", 3, "unexpected \"=\": write `==` to compare"),
            ("id == 7 && ok", 8, "unexpected \"&\": write `and`"),
            ("id == 7 ok", 8, "expected `and`, `or` or the end; found \"ok\""),
            ("length(text", 11, "expected `)`; the filter ends here"),
            ("length(5) < 3", 7, "`length` measures text and lists, not a number"),
            ("size(text) < 3", 0, "there is no \"size\": there are `length` and `number`"),
            ("id < 'a' and 5", 13, "expected something true or false, found a number"),
            ("1 == 'a'", 2, "a number is never compared with text"),
            ("id < null", 3, "`<` cannot order null; compare with `==` or `!=`"),
            ("1 < id < 3", 7, "comparisons do not chain: write `a < b and b < c`"),
            ("ok < true", 3, "`<` orders numbers or texts"),
            ("text matches id", 13, "`matches` takes a pattern in quotes; found \"id\""),
            ("text matches 'a(b'", 15, "a `(` without its `)`"),
            ("text matches '(a)\\1'", 17, "unknown escape `\\1`: a pattern cannot refer back"),
            ("text contains 'a", 14, "a text without its closing '"),
            ("5 contains 'a'", 0, "`contains` looks into text, found a number"),
            ("a.b == 1", 1, "unexpected \".\": write `a[b]` for `a.b`, and `0.5` for `.5`"),
            ("{a.b} == 1", 2, "attributes are not supported: write {a[b]} for {a.b}"),
            ("1.2.3 < id", 0, "\"1.2.3\" is no number"),
            ("id == 7 or", 10, "expected a field, a value or `(`; the filter ends here"),
            (String(repeating: "(", count: 60), 49, "nested too deeply"),
        ]
    )
    func errors(_ filter: String, offset: Int, message: String) {
        let error = #expect(throws: FilterError.self) { try RowFilter(filter) }
        #expect(error?.offset == offset && error?.message == message, "\(error as Any)")
    }

    @Test(
        "say what is wrong with a row",
        arguments: [
            ("id == '7'", "filter: \"id\" is a number, and `==` compares it with a string"),
            ("7 < text", "filter: \"text\" is a string, and `<` compares it with a number; write number(text)"),
            ("text and ok", "filter: \"text\" is a string, where something true or false is expected"),
            ("length(id) > 1", "filter: `length` measures text and lists, and \"id\" is a number"),
            ("id matches '7'", "filter: `matches` looks into text, and \"id\" is a number"),
            ("deep contains 'key'", "filter: `contains` looks into text and lists, and \"deep\" is an object"),
            ("number(text) > 1", "filter: \"text\" is the text \"Größe 10\\u{a}TODO later\" and no number"),
        ]
    )
    func badRow(_ filter: String, message: String) {
        let error = #expect(throws: RenderError.self) { try Self.keeps(filter) }
        #expect(error?.message == message)
    }

    @Test("of many words are neither too deep nor too slow")
    func long() throws {
        let filter = (0..<600).map { "id == \($0)" }.joined(separator: " or ")
        #expect(try Self.keeps(filter))
        #expect(throws: FilterError.self) { try RowFilter(String(repeating: "id == 7 and ", count: 900) + "ok") }
    }
}
