//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import JSON
import Resources
import Testing

@testable import Datasets

@Suite("What a template may make of rows")
struct RenderingBoundsTests {
    private func renderer(_ text: String, limit: Int = RenderedBlock.limit) throws -> BlockRenderer {
        BlockRenderer(
            file: "a.jsonl",
            renderer: RowRenderer(template: try CompiledTemplate(Template(form: .text(text)))),
            parting: .fraction(0.5, seed: 1),
            wanted: RenderingPass.Wanted(),
            limit: limit
        )
    }

    @Test("are at most a thousand fields, each as often as it is named")
    func fields() throws {
        #expect(try TemplateText.compile(String(repeating: "{a}", count: 1000)).fields == ["a"])
        let text = "x" + String(repeating: "{a}", count: 100_000)
        let error = #expect(throws: TemplateError.self) { try TemplateText.compile(text) }
        #expect(error?.message == "more than 1000 fields" && error?.offset == 3001)
        #expect(CompiledTemplate.problems(of: Template(form: .text(text))).count == 1)
    }

    @Test("is a text of 128 MiB at most, and the quick way leaves what is too long to the careful one")
    func texts() throws {
        let value = String(repeating: "v", count: 45 << 20)
        let text = try TemplateText.compile("{a}{a}{a}")
        let row = JSONObject([JSONObject.Member(key: "a", value: .string(value))])
        #expect(throws: RenderError.self) { try text.render(row) }
        #expect(try TemplateText.compile("{a}{a}").render(row).utf8.count == 90 << 20)

        let program = RowProgram(try CompiledTemplate(Template(form: .text("{a}{a}{a}"))), limit: 64)
        var buffers = RowBuffers()
        for (length, isTaken) in [(10, true), (30, false)] {
            let line = Array("{\"a\": \"\(String(repeating: "v", count: length))\"}\n".utf8)
            #expect((program.render(line.span, from: 0, into: &buffers) != nil) == isTaken)
        }
    }

    @Test("are rows of a limited size from each block, whichever side they are on, and the others are told")
    func blocks() throws {
        var work = BlockRenderer.Work()
        let rows = (0..<100).map { "{\"a\": \($0)}\n" }.joined() + "\n"
        try renderer(String(repeating: "long", count: 1000) + "{a}", limit: 2 << 16).render(Array(rows.utf8), &work)
        let count = work.result.train.count + work.result.validation.count
        #expect(count == 33 && work.result.validation.count > 0)
        #expect(work.result.problems.count == 67 && work.result.lines == 101)
        #expect(work.result.problems.first.first?.line == 34)
        #expect(work.result.problems.first.first?.reason.contains("it is too long for them") == true)
    }
}
