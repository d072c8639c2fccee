//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Datasets
import FtopsTestSupport
import JSON
import Testing

@Suite("Template texts")
struct TemplateTextTests {
    private static let braces = "write '{{' for a brace"

    private static let errors: [(String, Int, String)] = [
        ("{", 0, "a single '{': \(braces)"),
        ("ab }", 3, "a single '}': write '}}' for a brace"),
        ("a}b", 1, "a single '}': write '}}' for a brace"),
        ("{}}", 1, "positions are not supported: name the field, as in {prompt}"),
        ("{a", 0, "a '{' without its '}': \(braces)"),
        ("{{a}", 3, "a single '}': write '}}' for a brace"),
        ("{a[b}", 0, "a '{' without its '}': \(braces)"),
        ("{a{b}}", 2, "an unexpected '{' in a field's name: \(braces)"),
        ("{}", 1, "positions are not supported: name the field, as in {prompt}"),
        ("Is {0} it?", 4, "positions are not supported: name the field instead of {0}"),
        ("{12[a]}", 1, "positions are not supported: name the field instead of {12}"),
        ("{\u{663}}", 1, "positions are not supported: name the field instead of {\u{663}}"),
        ("{[a]}", 1, "positions are not supported: name the field, as in {prompt}"),
        ("{a.b}", 2, "attributes are not supported: write {a[b]} for {a.b}"),
        ("{a[b].c}", 5, "attributes are not supported: write {a[b]} for {a.b}"),
        ("{a!r}", 2, "conversions such as '!r' are not supported"),
        ("🙂 {a:>10}", 4, "format specs such as ':>10' are not supported: \(braces)"),
        ("{a:}", 2, "format specs such as ':>10' are not supported: \(braces)"),
        ("{a[]}", 3, "nothing between '[' and ']'"),
        ("{a[b]c}", 5, "only '[' may follow ']' in a field's name"),
        ("{a[99999999999999999999]}", 3, "an index with too many digits"),
        ("JSON: {\"a\": {dialogue}}", 10, "format specs such as ':>10' are not supported: \(braces)"),
    ]

    @Test("a text that is none says what is wrong and where", arguments: errors)
    func compileError(_ text: String, _ offset: Int, _ message: String) {
        let error = #expect(throws: TemplateError.self) { try TemplateText.compile(text) }
        #expect(error?.offset == offset)
        #expect(error?.message == message)
    }

    private static let row = #"""
        {"s": "x", "o": {"k": 1, "0": 2}, "l": [1, [2]], "e": [], "n": null, "i": 1, "t": "y", "u": 1, "v": 2, "w": 3}
        """#

    private static let has = #""s", "o", "l", "e", "n", "i", "t", "u" and 2 more"#

    private static let unrenderable: [(String, String)] = [
        ("{x}", "missing field \"x\"; the row has \(has)"),
        ("{ s }", "missing field \" s \"; the row has \(has)"),
        ("{x[k]}", "missing field \"x\"; the row has \(has)"),
        ("{o}", "field \"o\" is an object: a template takes text, numbers, booleans, null"),
        ("{l}", "field \"l\" is a list: a template takes text, numbers, booleans, null"),
        ("{l[1]}", "field \"l[1]\" is a list: a template takes text, numbers, booleans, null"),
        ("{o[x]}", "missing field \"o[x]\"; \"o\" has \"k\", \"0\""),
        ("{l[2]}", "missing element \"l[2]\": \"l\" has 2 elements"),
        ("{l[1][1]}", "missing element \"l[1][1]\": \"l[1]\" has 1 element"),
        ("{e[0]}", "missing element \"e[0]\": \"e\" has 0 elements"),
        ("{o[0]}", "\"o\" is an object, and [0] takes an element of a list"),
        ("{l[-1]}", "\"l\" is a list, and [-1] takes a member of an object"),
        ("{s[0]}", "\"s\" is a string, and \"s[0]\" reaches into it"),
        ("{n[a]}", "\"n\" is null, and \"n[a]\" reaches into it"),
    ]

    @Test("a row that does not fit says which field and what it has", arguments: unrenderable)
    func renderError(_ text: String, _ message: String) throws {
        let row = try #require(try JSONParser.parse(Self.row).object)
        let template = try TemplateText.compile(text)
        let error = #expect(throws: RenderError.self) { try template.render(row) }
        #expect(error?.message == message)
    }

    @Test("fields come once each, in the order of their first use, and steps into them do not count")
    func fields() throws {
        #expect(try TemplateText.compile("{b} {{x}} {a[c]} {b} {a}").fields == ["b", "a"])
        #expect(try TemplateText.compile("none").fields == [])
    }

    @Test("a text is cut before the first field that the row has not")
    func start() throws {
        let template = try TemplateText.compile("Q: {q}\nA: {a} {q}")
        let question = JSONObject.Member(key: "q", value: "why?")
        #expect(try template.renderStart(JSONObject([question])) == "Q: why?\nA: ")
        #expect(try template.renderStart(JSONObject()) == "Q: ")
        let answer = JSONObject.Member(key: "a", value: 2)
        #expect(try template.renderStart(JSONObject([question, answer])) == "Q: why?\nA: 2 why?")
    }
}
