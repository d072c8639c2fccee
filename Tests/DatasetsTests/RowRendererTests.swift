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
    private static func renderer(_ form: Template.Form?) throws -> RowRenderer {
        RowRenderer(template: try form.map { try CompiledTemplate(Template(form: $0)) })
    }

    private static func row(_ text: String) throws -> JSONObject {
        try #require(try JSONParser.parse(text).object)
    }

    @Test("are made by the template that trained, and compared with its completion where the row has one")
    func template() throws {
        let form = Template.Form.promptCompletion(prompt: "Q: {q}\nA:", completion: " {a}")
        let renderer = try Self.renderer(form)
        #expect(try renderer.prompt(for: Self.row(#"{"q": "1+1"}"#)) == "Q: 1+1\nA:")
        #expect(try renderer.reference(for: Self.row(#"{"q": "1+1"}"#)) == nil)
        #expect(try renderer.reference(for: Self.row(#"{"q": "1+1", "a": 2}"#)) == " 2")
        #expect(throws: RenderError.self) { try renderer.prompt(for: Self.row(#"{"a": 2}"#)) }
        #expect(throws: RenderError.self) { try renderer.reference(for: Self.row(#"{"q": "", "a": [2]}"#)) }
    }

    @Test("end with a line feed without a template, as in training")
    func plain() throws {
        let renderer = try Self.renderer(nil)
        let row = try Self.row(#"{"prompt": "Why?", "completion": "So."}"#)
        #expect(try renderer.prompt(for: row) == "Why?\n")
        #expect(try renderer.reference(for: row) == "So.")
        #expect(try renderer.render(row) == .promptCompletion(prompt: "Why?\n", completion: "So."))
    }

    @Test("are the start of a template of one text")
    func text() throws {
        let renderer = try Self.renderer(.text("Input: {dialogue}\n\nSummary: {summary}"))
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
        let message = "completion: positions are not supported: name the field instead of {0} (at character 2)"
        #expect(error?.diagnostic().message == message)
    }
}
