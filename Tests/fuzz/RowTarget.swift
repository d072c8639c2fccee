//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources

@testable import Datasets
@testable import JSON

/// Lines of JSON: whatever the quick way from bytes to bytes takes, the careful way says the same of.
enum RowTarget {
    private static let templates: [CompiledTemplate?] = [
        nil,
        try? CompiledTemplate(Template(form: .promptCompletion(prompt: "{a} {b[c]} {{x}}\n", completion: "{d}\""))),
        try? CompiledTemplate(Template(form: .preference(prompt: "{a}\n", chosen: "{b}", rejected: "{d}|"))),
        try? CompiledTemplate(Template(form: .text("{a}|{text}"))),
    ]
    private static let renderings = templates.map { Rendering(template: $0) }

    @Sendable
    static func read(_ bytes: [UInt8]) {
        readAll(bytes)
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        let rows = lines.map { line in
            RowMark.read(line) == nil ? (try? JSONParser.parse(line))?.object : nil
        }
        for (line, row) in zip(lines, rows) { scan(Array(line), row) }
        for rendering in renderings { rendering.check(bytes, rows) }
    }

    /// Reads the whole file, which may be no file of rows at all.
    private static func readAll(_ bytes: [UInt8]) {
        guard var reader = try? RowReader(RowSource(name: "a.jsonl", bytes: bytes)) else { return }
        while let element = try? reader.next() {
            if case .problem(let problem) = element { Fuzz.expect(problem.column >= 1, "a column before the line") }
        }
    }

    /// The scanner vouches for what it takes: the parser has to take it, and to find the same members.
    private static func scan(_ line: [UInt8], _ row: JSONObject?) {
        var scanner = JSONMemberScanner()
        guard let end = scanner.scanLine(line.span, from: 0) else { return }
        Fuzz.expect(end == line.count, "the scanner stops inside of a line")
        guard let row else { return Fuzz.expect(false, "the scanner takes what the parser refuses") }
        for member in scanner.members {
            let key = String(decoding: line[member.key], as: UTF8.self)
            Fuzz.expect(row[key] != nil, "the scanner finds a member that the parser does not")
        }
    }
}

/// Renders rows both ways.
struct Rendering {
    private let quick: BlockRenderer
    private let careful: RowRenderer

    init(template: CompiledTemplate?) {
        careful = RowRenderer(template: template)
        quick = BlockRenderer(
            file: "a.jsonl",
            renderer: careful,
            parting: .none,
            wanted: RenderingPass.Wanted(note: .digests, tokens: true)
        )
    }

    /// Renders lines, of which the given ones are rows.
    func check(_ bytes: [UInt8], _ rows: [JSONObject?]) {
        var work = BlockRenderer.Work()
        quick.render(bytes, &work)
        var (right, tokens) = ([UInt8](), 0)
        for row in rows {
            guard let rendered = row.flatMap({ try? careful.render($0) }) else { continue }
            rendered.write(to: &right)
            right.append(0x0A)
            tokens += rendered.tokens
        }
        Fuzz.expect(work.result.train.bytes == right, "rows are not rendered as they are with care")
        Fuzz.expect(work.result.train.tokens == tokens, "rows have not the tokens that they have with care")
    }
}
