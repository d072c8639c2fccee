//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources

@testable import Datasets
@testable import JSON

/// A template's text, and behind a NUL the row that it is rendered with: the quick way and the careful one say the same,
/// and what does not compile has its mistakes listed.
enum TemplateTarget {
    private static let sample = Array(
        #"{"a": "x\n", "b": {"c": 1.0, "d": [1, null]}, "d": true, "e": "é", "l": [[2]], "": 0}"#.utf8
    )

    @Sendable
    static func read(_ bytes: [UInt8]) {
        let (text, behind) = Fuzz.parts(bytes)
        let problems = CompiledTemplate.problems(of: Template(form: .text(text)))
        let count = text.unicodeScalars.count
        Fuzz.expect(problems.allSatisfy { 0...count ~= $0.offset }, "a mistake lies outside of the text")
        let pair = Template.Form.promptCompletion(prompt: text, completion: text + ".")
        guard let template = try? CompiledTemplate(Template(form: pair)) else {
            return Fuzz.expect(!problems.isEmpty, "what does not compile has no mistake")
        }
        Fuzz.expect(problems.isEmpty, "what compiles has mistakes")
        let line = (behind ?? sample[...]).filter { $0 != 0x0A }
        let row = RowMark.read(line[...]) == nil ? (try? JSONParser.parse(line[...]))?.object : nil
        Rendering(template: template).check(line, [row])
        guard let row else { return }
        let prompt = try? template.prompt(for: row)
        let reference = (try? template.reference(for: row)) ?? nil
        Fuzz.expect(prompt.map { $0 + "." } == reference, "a prompt and a completion of one text differ")
    }
}
