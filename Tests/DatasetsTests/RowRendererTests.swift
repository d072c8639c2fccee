//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Datasets
import JSON
import Resources
import Testing

@Suite("Prompts for a model that answers")
struct RowRendererTests {
    private static func template(_ form: Template.Form) throws -> CompiledTemplate {
        try CompiledTemplate(Template(form: form))
    }

    private static func row(_ text: String) throws -> JSONObject {
        try #require(try JSONParser.parse(text).object)
    }

    @Test("are made by the template that trained, and compared with its completion where the row has one")
    func template() throws {
        let form = Template.Form.promptCompletion(prompt: "Q: {q}\nA:", completion: " {a}")
        let renderer = try Self.template(form)
        #expect(try renderer.prompt(for: Self.row(#"{"q": "1+1"}"#)) == "Q: 1+1\nA:")
        #expect(try renderer.reference(for: Self.row(#"{"q": "1+1"}"#)) == nil)
        #expect(try renderer.reference(for: Self.row(#"{"q": "1+1", "a": 2}"#)) == " 2")
        #expect(throws: RenderError.self) { try renderer.prompt(for: Self.row(#"{"a": 2}"#)) }
        #expect(throws: RenderError.self) { try renderer.reference(for: Self.row(#"{"q": "", "a": [2]}"#)) }
    }

    @Test("end with a line feed without a template, as in training")
    func plain() throws {
        let source = RowSource(name: "pairs.jsonl", bytes: Array(#"{"prompt": "Why?", "completion": "So."}"#.utf8))
        let data = try DatasetRenderer(Dataset(source: .path("pairs.jsonl")), template: nil).render(source)
        let template = try Self.template(data.form)
        let row = try Self.row(#"{"prompt": "Why?", "completion": "So."}"#)
        #expect(try template.prompt(for: row) == "Why?\n")
        #expect(try template.reference(for: row) == "So.")
        #expect(try data.train.rows() == [.promptCompletion(prompt: "Why?\n", completion: "So.")])
    }

    @Test("have two answers where one is preferred, of which the chosen one is what is compared with")
    func preferences() throws {
        let text = #"{"rejected": "No.", "prompt": "Why?", "chosen": "So.", "id": 1}"#
        let source = RowSource(name: "pairs.jsonl", bytes: Array(text.utf8))
        let data = try DatasetRenderer(Dataset(source: .path("pairs.jsonl")), template: nil).render(source)
        #expect(try data.train.rows() == [.preference(prompt: "Why?\n", chosen: "So.", rejected: "No.")])
        let bytes = try String(decoding: data.train.bytes(), as: UTF8.self)
        #expect(bytes == #"{"chosen":"So.","prompt":"Why?\n","rejected":"No."}"# + "\n")
        let template = try Self.template(data.form)
        #expect(template.promptFields == ["prompt"] && template.completionFields == ["chosen", "rejected"])
        #expect(try template.prompt(for: Self.row(text)) == "Why?\n")
        #expect(try template.reference(for: Self.row(text)) == "So.")
        #expect(try template.reference(for: Self.row(#"{"prompt": "Why?"}"#)) == nil)
    }

    @Test("of preferences are not validated by rows of another form")
    func validation() throws {
        let train = RowSource(name: "t.jsonl", bytes: Array(#"{"prompt":"a","chosen":"b","rejected":"c"}"#.utf8))
        let other = RowSource(name: "v.jsonl", bytes: Array(#"{"prompt":"a","completion":"b"}"#.utf8))
        let dataset = Dataset(source: .path("t.jsonl"), validation: .source(.path("v.jsonl"), sha256: nil))
        for (train, validation) in [(train, other), (other, train)] {
            let error = #expect(throws: DatasetError.self) {
                try DatasetRenderer(dataset, template: nil).render(train, validation: validation)
            }
            #expect(error?.message.contains("to validate, have prompt") == true, "\(error?.message ?? "")")
        }
        #expect(try DatasetRenderer(dataset, template: nil).render(train, validation: train).validation?.count == 1)
    }

    @Test("of preferences are rendered by a template, and read again as they were written")
    func preferenceTemplate() throws {
        let form = Template.Form.preference(prompt: "Q: {q}\nA:", chosen: " {a}", rejected: " {b}")
        let row = try RowRenderer(template: Self.template(form)).render(Self.row(#"{"q": "1+1", "a": 2, "b": "3"}"#))
        #expect(row == .preference(prompt: "Q: 1+1\nA:", chosen: " 2", rejected: " 3"))
        #expect(RenderedRow(json: row.json) == row)
        #expect(row.texts == ["Q: 1+1\nA:", " 2", "Q: 1+1\nA:", " 3"])
        #expect(throws: RenderError.self) {
            try RowRenderer(template: Self.template(form)).render(Self.row(#"{"q": "1+1", "a": 2}"#))
        }
    }

    @Test("are what a text begins with, and never nothing")
    func start() throws {
        let template = try Self.template(.text("{text}"))
        #expect(try template.prompt(for: Self.row(#"{"text": "Once"}"#)) == "Once")
        let error = #expect(throws: RenderError.self) { try template.prompt(for: Self.row(#"{"prompt": "Once"}"#)) }
        #expect(error?.missing == "text")
    }

    @Test("are a conversation, or what the user says")
    func conversation() throws {
        let said = try ChatMessage.question(Self.row(#"{"chat": "Hi"}"#), field: "chat")
        #expect(said == [ChatMessage(role: .user, content: "Hi")])
        let list = #"{"chat": "[{\"role\": \"system\", \"content\": \"Be kind\"}]"}"#
        let messages = try ChatMessage.question(Self.row(list), field: "chat")
        #expect(messages == [ChatMessage(role: .system, content: "Be kind")])
        #expect(throws: RenderError.self) { try ChatMessage.question(Self.row(#"{"chat": "[1]"}"#), field: "chat") }
        #expect(throws: RenderError.self) { try ChatMessage.question(Self.row("{}"), field: "chat") }
    }

    @Test("are the start of a template of one text")
    func text() throws {
        let renderer = try Self.template(.text("Input: {dialogue}\n\nSummary: {summary}"))
        #expect(try renderer.prompt(for: Self.row(#"{"dialogue": "A: hi"}"#)) == "Input: A: hi\n\nSummary: ")
        #expect(try renderer.reference(for: Self.row(#"{"dialogue": "A: hi"}"#)) == nil)
    }

    @Test("say which fields they are made of")
    func fields() throws {
        let form = Template.Form.promptCompletion(prompt: "{b} {a}", completion: "{a} {c}")
        let template = try CompiledTemplate(Template(form: form, stop: ["</s>"]))
        #expect(template.promptFields == ["b", "a"])
        #expect(template.completionFields == ["c"])
        #expect(template.stop == ["</s>"])
        #expect(try CompiledTemplate(Template(form: .messages(field: "chat"))).promptFields == ["chat"])
    }

    @Test("of a template that is none are refused with the text's name")
    func badTemplate() {
        let form = Template.Form.promptCompletion(prompt: "{a}", completion: "{0}")
        let error = #expect(throws: TemplateError.self) { try CompiledTemplate(Template(form: form)) }
        #expect(error?.part == "completion")
        let message = "`completion`: positions are not supported: name the field instead of {0} (at character 2)"
        let place = SourcePosition(line: 1, column: 1)
        let range = SourceRange(file: "a.yaml", start: place, end: place)
        #expect(error?.diagnostic(at: nil, of: range).message == message)
    }

    @Test("of a template have all their mistakes found, and no more than ten of a text")
    func problems() {
        let form = Template.Form.promptCompletion(prompt: "{a!r} {{}} } {b.c} {", completion: "{d:3} {e}")
        let found = CompiledTemplate.problems(of: Template(form: form))
        #expect(found.map(\.part) == ["prompt", "prompt", "prompt", "prompt", "completion"])
        #expect(found.map(\.offset) == [2, 11, 15, 19, 2])
        let many = Template(form: .text(String(repeating: "{0}", count: 100)))
        #expect(CompiledTemplate.problems(of: many).count == 10)
        #expect(CompiledTemplate.problems(of: Template(form: .messages(field: "{0}"))).isEmpty)
    }
}
