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
        let rendered = try DatasetRenderer(
            Dataset(source: .path("rows.jsonl")),
            template: CompiledTemplate(template)
        ).render(source)
        let expected = try Python.run(Self.script, [Self.texts(template)] + lines)
        let made = String(decoding: rendered.train.bytes, as: UTF8.self)
            .split(separator: "\n" as Character).map(String.init)
        #expect(made.count == 200)
        #expect(made.map { Array($0.utf8) } == expected.map { Array($0.utf8) }, "seed \(HostileRows.seed)")
    }

    private static func texts(_ template: Template) -> String {
        switch template.form {
        case .promptCompletion(let prompt, let completion):
            JSONText.compact(["prompt": .string(prompt), "completion": .string(completion)])
        case .text(let text): JSONText.compact(["text": .string(text)])
        case .messages: ""
        }
    }
}
