//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Datasets
import FtopsTestSupport
import JSON
import Resources
import Testing

@Suite("Rows are rendered as Python renders them", .enabled(if: Python.isPresent, "needs python3"))
struct PythonParityTests {
    /// The form of the guide's template, all of it in one text.
    private static let guide = Template(
        form: .text(
            "[INST] <<SYS>>\nUse the Input to provide a summary of a conversation.\n<</SYS>>\n\n"
                + "Input:\n{dialogue} [/INST]\n\nSummary: {summary}"
        )
    )

    private static let split = Template(
        form: .promptCompletion(
            prompt: "[INST] <<SYS>>\nUse the Input to provide a summary of a conversation.\n<</SYS>>\n\n"
                + "Input:\n{dialogue} [/INST]\n\nSummary:",
            completion: " {summary}"
        )
    )

    private static let everything = Template(
        form: .promptCompletion(
            prompt: "{{{id}}} {value}\t{nested[inner]}|{nested[a b]}|{{}}",
            completion: "{list[0]}{list[1][0]}{list[01][1][deep key!]}}} é{value}🙂"
        )
    )

    private static let script = """
        import json, sys
        texts = json.loads(sys.stdin.buffer.readline())
        for line in sys.stdin.buffer:
            row = json.loads(line)
            made = {key: text.format(**row) for key, text in texts.items()}
            print(json.dumps(made, ensure_ascii=False, sort_keys=True, separators=(",", ":")))
        """

    @Test("200 hostile rows come out byte for byte", arguments: [guide, split, everything])
    func hostileRows(_ template: Template) throws {
        let lines = HostileRows.rows(200)
        let source = RowSource(name: "rows.jsonl", bytes: Array(lines.joined(separator: "\n").utf8))
        let dataset = Dataset(source: .path("rows.jsonl"))
        let rendered = try DatasetRenderer(dataset, template: CompiledTemplate(template)).render(source)
        let expected = try Python.run(Self.script, on: [Self.texts(template)] + lines)
        #expect(rendered.train.count == 200)
        let made = try rendered.train.bytes().split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
        for (made, expected) in zip(made, expected) {
            #expect(made.isIdentical(to: expected), "seed \(HostileRows.seed)")
        }
        #expect(made.count == expected.count)
    }

    @Test("random templates over hostile rows come out byte for byte", arguments: [11, 12, 13, 14, 15, 16] as [UInt64])
    func randomTemplates(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let pieces = [
            "{dialogue}", "{summary}", "{id}", "{value}", "{nested[inner]}", "{nested[a b]}", "{list[0]}",
            "{list[1][0]}",
            "{{", "}}", "é🙂", "\n", "\"", "\\", "\t", " plain ",
        ]
        func text() -> String {
            (0..<Int.random(in: 1...8, using: &generator)).map { _ in generator.pick(pieces) }.joined()
        }
        try hostileRows(Template(form: .promptCompletion(prompt: text(), completion: "-" + text())))
        try hostileRows(Template(form: .preference(prompt: text(), chosen: "-" + text(), rejected: text() + "{id}")))
        try hostileRows(Template(form: .text(text() + "{id}")))
    }

    private static func texts(_ template: Template) -> String {
        switch template.form {
        case .promptCompletion(let prompt, let completion):
            JSONText.compact(["prompt": .string(prompt), "completion": .string(completion)])
        case .preference(let prompt, let chosen, let rejected):
            JSONText.compact(["prompt": .string(prompt), "chosen": .string(chosen), "rejected": .string(rejected)])
        case .text(let text): JSONText.compact(["text": .string(text)])
        case .messages: ""
        }
    }

    @Test("numbers read as Python's str() of what json.loads gives")
    func numbers() throws {
        var generator = SeededGenerator(seed: 7)
        let random = (0..<2000).map { _ in Double(bitPattern: generator.next()) }.filter(\.isFinite)
        let powers = (-30...30).flatMap { ["1e\($0)", "-9.99e\($0)", "123456789.125e\($0)"] }
        let literals = HostileRows.numbers + powers + random.map { CanonicalJSON.text(of: $0) }
        let template = try TemplateText.compile("{n}")
        let made = try literals.map { literal in
            try template.render(JSONObject([.init(key: "n", value: try JSONParser.parse(literal))]))
        }
        let expected = try Python.run("import json, sys\nfor line in sys.stdin: print(json.loads(line))", on: literals)
        #expect(made == expected)
    }

    private static let probe = """
        import json, sys
        row = json.loads(sys.stdin.buffer.readline())
        for line in sys.stdin.buffer:
            try: print(json.dumps(json.loads(line).format(**row)))
            except (ValueError, KeyError, IndexError, TypeError, AttributeError): print("error")
        """

    private static let row =
        #"{"a": {"b": "B", "0": "zero", " ": true}, "l": ["first", {"b": null}], "s": "S", "b": 1.0}"#

    /// Where we say no although Python would not, each with a sentence of its own.
    private static let refusals = ["not supported", "a template takes text", "reaches into it"]

    @Test("random templates give Python's text, or are refused by both", arguments: [3, 99, 2026] as [UInt64])
    func templates(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let pieces = [
            "{", "}", "{", "}", "[", "]", "a", "b", "l", "s", "0", "1", " ", "{{", "}}", "{s}", "{a[b]}", "{l[1]", ".",
        ]
        let texts = (0..<1500).map { _ in
            (0..<Int.random(in: 1...9, using: &generator)).map { _ in generator.pick(pieces) }.joined()
        }
        let row = try #require(try JSONParser.parse(Self.row).object)
        let expected = try Python.run(Self.probe, on: [Self.row] + texts.map { JSONText.compact(.string($0)) })
        for (text, expected) in zip(texts, expected) {
            let made = Self.render(text, row)
            if Self.refusals.contains(where: made.contains) { continue }
            let ours = made.hasPrefix("error") ? "error" : made
            #expect(ours == expected, "seed \(seed): \(text)")
        }
    }

    private static func render(_ text: String, _ row: JSONObject) -> String {
        do {
            return JSONText.compact(.string(try TemplateText.compile(text).render(row)))
        } catch let error as TemplateError {
            return "error: \(error.message)"
        } catch let error as RenderError {
            return "error: \(error.message)"
        } catch {
            return "error"
        }
    }
}
