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

/// Rows by the million are rendered from bytes to bytes; `RowRenderer`, which reads a row into values, says what is right.
@Suite("Rendering from bytes")
struct ByteRenderingTests {
    private static let seeds: [UInt64] = [11, 4_096, 777_777]

    private static let templates: [Template?] = [
        nil, Template(form: .text("{dialogue}|{id}")),
        Template(form: .promptCompletion(prompt: "{{{value}}} {dialogue}\n\t\"", completion: "{summary}\\")),
        Template(form: .promptCompletion(prompt: "{nested[inner]}", completion: "{summary}")),
        Template(form: .messages(field: "turns")),
        Template(form: .preference(prompt: "{dialogue}:", chosen: "{summary}", rejected: "{value}{{")),
        Template(form: .preference(prompt: "{id}", chosen: "{summary}", rejected: "{nested[inner]}")),
    ]

    /// What one line becomes by the careful way: its canonical bytes, or nothing where it is no row that can be used.
    private static func careful(_ line: [UInt8], _ template: CompiledTemplate?) -> [UInt8]? {
        guard let fields = (try? JSONParser.parse(line[...]))?.object,
            let row = try? RowRenderer(template: template).render(fields)
        else { return nil }
        var bytes: [UInt8] = []
        row.write(to: &bytes)
        return bytes + [0x0A]
    }

    private static func rendered(_ line: [UInt8], _ template: CompiledTemplate?) -> [UInt8]? {
        let renderer = DatasetRenderer(Dataset(source: .path("rows.jsonl")), template: template)
        return try? renderer.render(RowSource(name: "rows.jsonl", bytes: line)).train.bytes()
    }

    /// Rows that are right, and rows of which a byte was changed, taken out or put in.
    private static func lines(seed: UInt64) -> [[UInt8]] {
        var generator = SeededGenerator(seed: seed)
        let plain = [
            #"{"prompt": "Why\u003f \ud83d\ude00 é", "completion": " \"so\" \\ \/ \b\f\n\r\t"}"#, #"{"text":"a"}"#,
            #"{"text":""}"#, #"{"text":"a","text":"b"}"#, #"{"t\u0065xt":"escaped key"}"#, #"{"text":"half \ud83d"}"#,
            #"{"rejected": "no\u000a", "chosen": "\"yes\"", "prompt": "é"}"#, #"{"text":"a","chosen":"b"}"#,
            #"{"prompt":"a","completion":"b","chosen":"c"}"#,
            #"{"prompt":"a","completion":"b","rejected":"","chosen":1}"#,
            #"{"prompt":"a","chosen":"b"}"#, #"{"prompt":"a","chosen":"","rejected":"b"}"#,
            #"{"turns":[{"role":"assistant","content":"hi"}],"messages":[{"content":"x","role":"assistant"}]}"#,
        ]
        let rows = (HostileRows.rows(60) + plain).map { Array($0.utf8) }
        let marks = Array("\"\\{}[]:,0-+.eEtfn \u{1}\u{7F}é\u{FFFF}".utf8) + [0x80, 0xC0, 0xED, 0xFF]
        return rows
            + (0..<600).map { _ in
                var row = generator.pick(rows)
                let place = Int.random(in: 0..<row.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: row[place] = generator.pick(marks)
                case 1: row.remove(at: place)
                case 2: row.insert(generator.pick(marks), at: place)
                default: row.removeLast(row.count - place)
                }
                return row.filter { $0 != 0x0A }
            }
    }

    @Test("gives the bytes of the careful way, and refuses the rows that it refuses", arguments: seeds)
    func isAsCareful(_ seed: UInt64) throws {
        for template in try Self.templates.map({ try $0.map { try CompiledTemplate($0) } }) {
            for line in Self.lines(seed: seed) {
                let (made, right) = (Self.rendered(line, template), Self.careful(line, template))
                #expect(made == right, "seed \(seed): \(String(decoding: line, as: UTF8.self))")
            }
        }
    }

    @Test("takes the same bytes for UTF-8 as the careful way, wherever in a word they stand")
    func characters() throws {
        let edges: [UInt8] = [0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF]
        let leads: [UInt8] = [0x80, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF4, 0xF5]
        for (number, lead) in leads.enumerated() {
            for second in edges {
                for rest: [UInt8] in [[], [0x80], [0x80, 0xBF], [0xBF, 0x41], [0x80, 0x80, 0x80]] {
                    let padding = Array(repeating: UInt8(ascii: "x"), count: number + rest.count)
                    let line = Array("{\"text\":\"".utf8) + padding + [lead, second] + rest + Array("\"}".utf8)
                    #expect(Self.rendered(line, nil) == Self.careful(line, nil), "\(line)")
                }
            }
        }
    }

    @Test("is the same however the source is cut, in memory and beyond", arguments: [1, 7, 4_096, 1 << 20])
    func blocks(_ size: Int) throws {
        let rows = (0..<300).map { #"{"prompt":"question \#($0)","completion":"answer \#($0 % 7)"}"# }
        let bytes = Array(rows.joined(separator: "\n").utf8)
        let dataset = Dataset(source: .path("r"), validation: .rows(40, seed: 3))
        let whole = try DatasetRenderer(dataset, template: nil).render(RowSource(name: "r", bytes: bytes))
        let source = RowSource(name: "r") {
            var start = 0
            return {
                guard start < bytes.count else { return nil }
                defer { start += size }
                return Array(bytes[start..<min(start + size, bytes.count)])
            }
        }
        let cut = try DatasetRenderer(dataset, template: nil).render(source)
        #expect(cut.train.digest == whole.train.digest)
        #expect(cut.validation?.digest == whole.validation?.digest)
        #expect(cut.train.tokens == whole.train.tokens)
        #expect(cut.sourceDigest == whole.sourceDigest)
        #expect(try cut.rowDigests().all() == whole.rowDigests().all())
        for (side, rows) in [(RowSide.train, whole.train), (.validation, try #require(whole.validation))] {
            var written: [UInt8] = []
            let counts = try DatasetRenderer(dataset, template: nil).export(side, of: source) { written += $0 }
            #expect(try written == rows.bytes())
            #expect(counts.digest == rows.digest && counts.rows == rows.count && counts.size == rows.size)
        }
    }

    @Test("fails with what the one who takes the rows fails with, and hands nothing over any more")
    func takerFails() throws {
        struct Full: Error {}
        let row = Array("{\"text\":\"\(String(repeating: "word ", count: 400))\"}\n".utf8)
        let source = RowSource(name: "r", bytes: Array(repeatElement(row, count: 4_000).joined()))
        var calls = 0
        #expect(throws: Full.self) {
            _ = try DatasetRenderer(Dataset(source: .path("r")), template: nil).export(.train, of: source) { _ in
                calls += 1
                throw Full()
            }
        }
        #expect(calls == 1)
    }

    @Test("keeps many rows on disk, parted as few are")
    func manyRows() throws {
        let text = String(repeating: "word ", count: 400)
        let rows = (0..<6_000).map { #"{"prompt":"\#($0)","completion":"\#(text)"}"# }
        let source = RowSource(name: "r", bytes: Array(rows.joined(separator: "\n").utf8))
        let dataset = Dataset(source: .path("r"), validation: .rows(100, seed: 3))
        let rendered = try DatasetRenderer(dataset, template: nil).render(source)
        let (train, validation) = try (rendered.train.rows(), #require(rendered.validation).rows())
        #expect(rendered.train.size > 8 << 20)
        #expect(train.count == 5_900)
        #expect(validation.count == 100)
        #expect(rendered.train.tokens == train.reduce(0) { $0 + $1.tokens })
        let numbers = (train + validation).compactMap { Int($0.texts[0].dropLast()) }
        #expect(numbers.sorted() == Array(0..<6_000))
    }
}
