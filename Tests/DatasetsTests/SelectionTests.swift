//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import FtopsTestSupport
import JSON
import Resources
import Testing

@testable import Datasets

@Suite("Choosing among rows")
struct SelectionTests {
    private static let template = Template(form: .promptCompletion(prompt: "{question}\n", completion: "{answer}"))

    private static func source(_ lines: [String]) -> RowSource {
        RowSource(name: "rows.jsonl", bytes: Array(lines.map { $0 + "\n" }.joined().utf8))
    }

    private static func dataset(_ change: (inout Dataset) -> Void) -> Dataset {
        var dataset = Dataset(source: .path("rows.jsonl"))
        change(&dataset)
        return dataset
    }

    private static func render(_ lines: [String], _ change: (inout Dataset) -> Void) throws -> RenderedDataset {
        try DatasetRenderer(dataset(change), template: CompiledTemplate(template)).render(source(lines))
    }

    private static func answers(_ rendered: RenderedRows?) throws -> [String] {
        try (rendered?.rows() ?? []).map { row in
            if case .promptCompletion(_, let completion) = row { completion } else { "" }
        }
    }

    private static func row(_ id: Int, question: String = "Q", answer: String) -> String {
        JSONText.compact(["id": .int(id), "question": .string(question), "answer": .string(answer)])
    }

    private static let numbered = (1...200).map { row($0, answer: "a\($0)") }

    @Test("goes filter, dedupe, shuffle, limit, split, and says what each took")
    func order() throws {
        let lines = Self.numbered + (1...200).map { Self.row(1000 + $0, answer: "a\($0)") }
        let rendered = try Self.render(lines) { dataset in
            (dataset.filter, dataset.dedupe, dataset.shuffle, dataset.limit) = ("id > 50", .exact, 7, 100)
            dataset.validation = .rows(10, seed: 7)
        }
        let steps = try #require(rendered.steps)
        #expect((steps.rows, steps.filtered, steps.duplicates, steps.beyondLimit) == (400, 50, 150, 100))
        #expect(steps.kept == 100 && rendered.train.count == 90 && rendered.validation?.count == 10)
        let all = try Self.answers(rendered.train) + Self.answers(rendered.validation)
        #expect(Set(all).count == 100)
        #expect(try rendered.rowDigests().count == 100)
    }

    @Test("by filter keeps the order, and lets rows go that no template could render")
    func filter() throws {
        let lines = [#"{"question": "Q", "answer": null}"#, "", Self.row(2, answer: "b"), Self.row(3, answer: "c")]
        let rendered = try Self.render(lines) { $0.filter = "answer != null and answer != 'c'" }
        #expect(try Self.answers(rendered.train) == ["b"])
        #expect(rendered.steps?.filtered == 2)
    }

    @Test("by dedupe leaves out later rows whose rendered fields are the same")
    func dedupe() throws {
        let lines = [
            Self.row(1, answer: "a"), Self.row(2, answer: "b"), Self.row(3, answer: "a"),
            #"{"answer":"\u0062","question":"Q"}"#, Self.row(4, question: "q", answer: "a"),
        ]
        let rendered = try Self.render(lines) { $0.dedupe = .exact }
        #expect(try Self.answers(rendered.train) == ["a", "b", "a"])
        #expect(rendered.steps?.duplicates == 2)
    }

    @Test("by near duplicates leaves out rows that are nearly an earlier one")
    func near() throws {
        let words = (0..<120).map { "word\($0 * 7919 % 1000)" }
        let base = words.joined(separator: " ")
        let lines = [
            Self.row(1, answer: base), Self.row(2, answer: base.uppercased() + "  !"),
            Self.row(3, answer: words.dropFirst(60).joined(separator: " ")),
            Self.row(4, answer: (["other"] + words.dropFirst(2)).joined(separator: "\n")), Self.row(5, answer: "short"),
            Self.row(6, answer: "shirt"),
        ]
        let rendered = try Self.render(lines) { $0.dedupe = .near(0.8) }
        #expect(rendered.steps?.duplicates == 2)
        #expect(try Self.answers(rendered.train).count == 4)
        #expect(try Self.render(lines) { $0.dedupe = .near(0.5) }.steps?.duplicates ?? 0 >= 2)
    }

    @Test("finds nearly all pairs that are near enough, and no others", arguments: [0.5, 0.7, 0.8, 0.9])
    func nearness(_ threshold: Double) {
        var generator = SeededGenerator(seed: 5)
        var found = 0
        for _ in 0..<40 {
            let words = (0..<80).map { _ in String(UInt64.random(in: 0..<UInt64.max, using: &generator), radix: 36) }
            let one = MinHash(words.joined(separator: " "))
            let changed = words.prefix(Int(80 * (0.97 - threshold) / 2)).map { _ in "…" } + words.dropFirst(3)
            var rows = NearRows(threshold)
            let isFirst = rows.insert(one)
            #expect(isFirst)
            if !rows.insert(MinHash(words.map { String($0.reversed()) }.joined(separator: " "))) { found -= 100 }
            let similar = MinHash(changed.joined(separator: " "))
            if one.similarity(to: similar) >= threshold, rows.insert(similar) { found -= 1 }
        }
        #expect(found >= -1)
    }

    @Test("by shuffle has an order of its own for each seed, in which an added row moves no other")
    func shuffle() throws {
        let one = try Self.answers(Self.render(Self.numbered) { $0.shuffle = 1 }.train)
        let again = try Self.answers(Self.render(Self.numbered.reversed()) { $0.shuffle = 1 }.train)
        let two = try Self.answers(Self.render(Self.numbered) { $0.shuffle = 2 }.train)
        #expect(one == again && one != two && one.sorted() == two.sorted() && one != (1...200).map { "a\($0)" })
        let more = try Self.answers(Self.render(Self.numbered + [Self.row(0, answer: "new")]) { $0.shuffle = 1 }.train)
        #expect(more.filter { $0 != "new" } == one)
    }

    @Test("by shuffle and limit lets as many validate as without the limit's order")
    func shuffledSplit() throws {
        let rendered = try Self.render(Self.numbered) { dataset in
            (dataset.shuffle, dataset.limit, dataset.validation) = (7, 100, .fraction(0.2, seed: 7))
        }
        let count = try #require(rendered.validation?.count)
        #expect((8...35).contains(count))
    }

    @Test("by limit takes the first rows")
    func limit() throws {
        let rendered = try Self.render(Self.numbered) { $0.limit = 3 }
        #expect(try Self.answers(rendered.train) == ["a1", "a2", "a3"])
        #expect(rendered.steps?.beyondLimit == 197)
    }

    @Test("tells bad rows by the lines that they have in their file, in any order", arguments: [nil, 3])
    func badRows(_ shuffle: Int?) throws {
        var lines = Self.numbered
        lines[9] = "{"
        lines[49] = #"{"id": "x", "question": "Q", "answer": "a"}"#
        lines[99] = #"{"id": 100, "question": "Q"}"#
        let error = #expect(throws: DatasetError.self) {
            try Self.render(lines) { ($0.filter, $0.shuffle) = ("id > 5", shuffle) }
        }
        let found = error?.diagnostics.map { "\($0.range?.start.line ?? 0): \($0.message)" } ?? []
        #expect(found.count == 3 && found[0].hasPrefix("10: not JSON"))
        #expect(found[1].hasPrefix("50: filter: \"id\" is a string, and `>` compares it with a number"))
        #expect(found[2].hasPrefix("100: missing field \"answer\""))
    }

    @Test("says what a file is that is no rows", arguments: [nil, 3])
    func foreign(_ shuffle: Int?) throws {
        let error = #expect(throws: DatasetError.self) {
            try Self.render(["<!doctype html>", "<p>"]) { ($0.filter, $0.shuffle) = ("id > 5", shuffle) }
        }
        #expect(error?.message.contains("this is an HTML page") == true)
    }

    @Test("does not take a slip of the pen for a choice")
    func misspelt() throws {
        let error = #expect(throws: DatasetError.self) { try Self.render(Self.numbered) { $0.filter = "idd == null" } }
        #expect(error?.code == .badFilter)
        #expect(error?.message.contains("\"idd\", which no row of rows.jsonl has; the first row has \"id\"") == true)
    }

    @Test("says where all rows went")
    func noneLeft() throws {
        let error = #expect(throws: DatasetError.self) { try Self.render(Self.numbered) { $0.filter = "id > 500" } }
        #expect(error?.message == "none of the 200 rows of rows.jsonl passes `filter`")
    }

    @Test("shows rows in the order that they are kept in, with the lines that they have in their file")
    func preview() throws {
        let dataset = Self.dataset { ($0.filter, $0.shuffle, $0.limit) = ("id > 100", 5, 20) }
        let renderer = DatasetRenderer(dataset, template: try CompiledTemplate(Self.template))
        let preview = try renderer.preview(Self.source(Self.numbered), rows: 1...30)
        #expect(preview.count == 20 && preview.rows.count == 20 && preview.steps?.filtered == 100)
        #expect(preview.rows.allSatisfy { $0.fields["id"]?.int == $0.place.number })
        #expect(preview.rows.map(\.number) == Array(1...20))
    }

    @Test("pins the file and not what is left of it")
    func pin() throws {
        let whole = try Self.render(Self.numbered) { _ in }
        let some = try Self.render(Self.numbered) { ($0.sha256, $0.shuffle, $0.limit) = (whole.sourceDigest, 1, 5) }
        #expect(some.sourceDigest == whole.sourceDigest)
        #expect(throws: DatasetError.self) {
            try Self.render(Self.numbered) { ($0.sha256, $0.limit) = (whole.train.digest, 5) }
        }
    }

    @Test("is the same from a spool in a file as from one in memory")
    func spool() throws {
        var spool = RowSpool(limit: 100)
        var places: [(Int, [UInt8])] = []
        for number in 0..<200 {
            let line = Array("line \(number * number)".utf8)
            places.append((try spool.append(line[...]), line))
        }
        for (place, line) in places.reversed() {
            var out: [UInt8] = []
            try spool.read(place, count: line.count, to: &out)
            #expect(out == line)
        }
    }
}
