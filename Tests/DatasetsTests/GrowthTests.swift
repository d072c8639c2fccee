//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Digest
import Foundation
import FtopsTestSupport
import POSIX
import Resources
import Testing

@testable import Datasets

@Suite("A file that has grown")
struct GrowthTests {
    private let scratch: ScratchFolder
    private let file: String

    init() throws {
        scratch = try ScratchFolder()
        file = scratch.path("rows.jsonl")
    }

    /// A clock by which no file has been left alone, so that nothing is known by a file's identity.
    private var memory: RenderingMemory {
        RenderingMemory(folder: scratch.path("rendered"), smallest: 1) { WallClock.seconds * 1_000_000_000 }
    }

    private var inspections: InspectionMemory { InspectionMemory(folder: scratch.path("looked-at")) }

    private static let template = Template.Form.promptCompletion(prompt: "Chat: {text}\nSum:", completion: " {sum}")
    private static let questions = ["Chat: hello 3\nSum:", "Chat: nothing\nSum:"]

    private static let datasets: [Dataset] = {
        var all = [
            Dataset(source: .path("rows.jsonl")),
            Dataset(source: .path("rows.jsonl"), validation: .fraction(0.3, seed: 3)),
            Dataset(source: .path("rows.jsonl"), validation: .source(.path("others.jsonl"), sha256: nil)),
            Dataset(source: .path("rows.jsonl"), validation: .fraction(0.5, seed: 4)),
            Dataset(source: .path("rows.jsonl")),
            Dataset(source: .path("rows.jsonl"), validation: .rows(5, seed: 1)),
            Dataset(source: .path("rows.jsonl")),
            Dataset(source: .path("rows.jsonl")),
        ]
        all[3].filter = "length(text) < 9 or number == null"
        (all[4].filter, all[4].limit) = ("not (sum contains 'x')", 20)
        all[6].dedupe = .exact
        all[7].shuffle = 7
        return all
    }()

    /// What a look at the file found: all that is known of its rows, or what is wrong with them.
    private enum Found: Equatable {
        case rows(RowCounts, RowCounts?, ContentDigest, RowStepCounts?, Template.Form, DataFacts, [UInt8])
        case wrong(String, [Diagnostic], AbsentFields?)
    }

    private func look(_ dataset: Dataset, isRemembered: Bool) throws -> (Found, RenderedDataset?) {
        let compiled = try CompiledTemplate(Template(form: Self.template))
        let others = RowSource(name: "others.jsonl", bytes: Array((Self.row(3) + Self.row(900)).utf8))
        var validation: RowSource?
        if case .source = dataset.validation { validation = others }
        do {
            let renderer = DatasetRenderer(dataset, template: compiled, memory: isRemembered ? memory : nil)
            let source = try RowSource(name: "rows.jsonl", path: file).decoded(nil, by: RowReading())
            let data = try renderer.render(source, validation: validation)
            let facts = try data.inspect(questions: Self.questions, memory: isRemembered ? inspections : nil)
            let rows = try data.train.bytes() + (data.validation?.bytes() ?? [])
            let steps = data.steps
            let (train, other) = (data.train.counts, data.validation?.counts)
            return (.rows(train, other, data.sourceDigest, steps, data.form, facts, rows), data)
        } catch let error as DatasetError {
            return (.wrong(error.message, error.diagnostics, error.absent), nil)
        }
    }

    private static func row(_ number: Int, end: String = "\n") -> String {
        let extra = number % 5 == 0 ? #", "number": \#(number), "id": "x""# : ""
        let (text, sum) = ("hello \(number % 40)", number % 3 == 0 ? "yes" : number % 7 == 0 ? "näx \(number)" : "no")
        return #"{"text": "\#(text)", "sum": "\#(sum)"\#(extra)}"# + end
    }

    /// Something that people write at the end of a file of rows.
    private static func piece(_ generator: inout SeededGenerator) -> String {
        let number = Int.random(in: 0..<200, using: &generator)
        switch Int.random(in: 0..<24, using: &generator) {
        case 0: return ""
        case 1: return "\n \n"
        case 2, 13, 14: return row(number, end: "")
        case 3: return "\r\n"
        case 4: return #"{"text": "cut o"#
        case 5: return #"{"sum": "lacks a field"}"# + "\n"
        case 6: return "no row\n"
        case 7: return #"{"text": "", "sum": "mail ann@web.de", "number": "seven"}"# + "\n"
        case 8: return #"{"text": "empty", "sum": ""}"# + "\n"
        case 9...12: return row(number, end: "\r\n")
        default: return (0..<Int.random(in: 1..<30, using: &generator)).map { row(number + $0) }.joined()
        }
    }

    private func write(_ bytes: some Sequence<UInt8>, replacing: Bool = true) throws {
        let data = Data(bytes)
        guard !replacing else {
            return try data.write(to: URL(fileURLWithPath: file), options: .atomic)
        }
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: file))
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: data)
        try handle.close()
    }

    private func expectSame(_ context: String) throws {
        for (index, dataset) in Self.datasets.enumerated() {
            let (one, _) = try look(dataset, isRemembered: true)
            let (other, _) = try look(dataset, isRemembered: false)
            #expect(one == other, "dataset \(index): \(context)")
        }
    }

    @Test("reads as if nothing had been known of it, however it came to be", arguments: 1...8 as ClosedRange<UInt64>)
    func grows(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var bytes: [UInt8] = seed == 1 ? [0xEF, 0xBB, 0xBF] : []
        bytes += (0..<Int(seed) * 4).map { Self.row($0) }.joined().utf8
        for step in 0..<14 {
            let before = bytes
            bytes += Self.piece(&generator).utf8
            switch Int.random(in: 0..<8, using: &generator) {
            case 0 where !before.isEmpty:
                // A letter in what was there before: the size says nothing of it.
                let letters = before.indices.filter { before[$0] >= 0x61 && before[$0] <= 0x79 }
                if let place = letters.randomElement(using: &generator) { bytes[place] += 1 }
            case 1: bytes.removeLast(Int.random(in: 0...min(bytes.count, 90), using: &generator))
            default: break
            }
            try write(bytes, replacing: step == 0 || Bool.random(using: &generator))
            try expectSame("seed \(seed), step \(step)")
            // A bad row stays as long as nobody takes it out.
            if case .wrong = try look(Self.datasets[0], isRemembered: false).0 { bytes = before }
            if bytes.isEmpty { bytes = Array(Self.row(step).utf8) }
        }
    }

    @Test("is rendered and looked at from where it ended", arguments: [0, 1, 2, 3, 4])
    func goesOn(_ index: Int) throws {
        let start = (0..<60).map { Self.row($0) }.joined()
        try write(start.utf8)
        let first = try #require(try look(Self.datasets[index], isRemembered: true).1)
        let growth = try #require(first.growth)
        #expect(growth.start == nil && growth.lines.length == start.utf8.count && growth.size == start.utf8.count)
        let added = Self.row(60) + Self.row(61, end: "")
        try write((start + added).utf8)
        // What is known is not found again: a letter more that was never there shows that.
        let subject = InspectionMemory.Subject(
            dataset: first.dataset,
            template: first.train.renderer.template,
            questions: Self.questions
        )
        var known = try #require(inspections.recall(subject, growth.lines))
        known.state.findings.scripts.add("Ω".utf8Span.span)
        inspections.keep(known, subject)
        let (found, data) = try look(Self.datasets[index], isRemembered: true)
        let next = try #require(data?.growth)
        #expect(next.start == growth.lines && next.size == (start + added).utf8.count)
        #expect(next.lines.length == next.size - Self.row(61, end: "").utf8.count)
        guard case .rows(_, _, _, _, _, let facts, _) = found else { return }
        #expect(facts.scripts["Greek"] == 1)
    }

    @Test("knows how many rows were added since any time that it was read", arguments: [0, 1, 2, 3, 4, 5, 6, 7])
    func rowsAdded(_ index: Int) throws {
        var text = ""
        var seen: [(data: RenderedDataset, rows: Int)] = []
        for step in 0..<4 {
            text += (0..<(9 + step)).map { Self.row(30 * step + $0) }.joined()
            try write(text.utf8)
            let now = try #require(try look(Self.datasets[index], isRemembered: true).1)
            let rows = try now.rowDigests().count
            seen.append((now, rows))
            for (before, earlier) in seen {
                let added = now.rowsAdded(sinceTrain: before.train.digest, validation: before.validation?.digest)
                // Where all rows have to be seen, the pass over them tells.
                #expect(added == (now.growth == nil ? nil : rows - earlier))
            }
        }
        #expect((seen[0].data.growth == nil) == (index >= 5))
        let other = try #require(ContentDigest(rawValue: String(repeating: "0", count: 64)))
        let last = seen[3].data
        #expect(last.rowsAdded(sinceTrain: other, validation: last.validation?.digest) == nil)
        #expect(last.rowsAdded(sinceTrain: last.train.digest, validation: other) == nil)
        // The first row is another one: what was trained on before is not the beginning of this.
        try write((Self.row(76) + text).utf8)
        let changed = try #require(try look(Self.datasets[index], isRemembered: true).1)
        for (before, _) in seen {
            let added = changed.rowsAdded(sinceTrain: before.train.digest, validation: before.validation?.digest)
            #expect(added == nil)
        }
    }

    @Test("is read from its start where a letter of it changed, or what was kept is damaged", arguments: [0, 1, 2])
    func damage(_ kind: Int) throws {
        let dataset = Self.datasets[1]
        var bytes = Array((0..<50).map { Self.row($0) }.joined().utf8)
        try write(bytes)
        _ = try look(dataset, isRemembered: true)
        bytes += Self.row(50).utf8
        if kind == 0 { bytes[10] = UInt8(ascii: "j") }
        try write(bytes)
        if kind > 0 {
            for folder in ["rendered", "looked-at"] {
                for note in try Folder.files(below: scratch.path(folder)) {
                    let path = scratch.path("\(folder)/\(note)")
                    var kept = try FileContents.read(path)
                    if kind == 1 { kept.removeLast(3) } else { kept[kept.count / 2] ^= 1 }
                    try Data(kept).write(to: URL(fileURLWithPath: path))
                }
            }
        }
        let (found, data) = try look(dataset, isRemembered: true)
        #expect(data?.growth != nil && data?.growth?.start == nil)
        #expect(try found == look(dataset, isRemembered: false).0)
    }

    @Test("has the unused fields of its first hundred rows, some of which were added")
    func unused() throws {
        var rows: [String] = []
        for count in [90, 95, 120] {
            let odd = { (name: String) in #"{"text": "a", "sum": "b", "\#(name)": 1}"# + "\n" }
            while rows.count < count {
                rows.append(rows.count == 93 ? odd("early") : rows.count == 105 ? odd("late") : Self.row(1))
            }
            try write(rows.joined().utf8)
            guard case .rows(_, _, _, _, _, let facts, _) = try look(Self.datasets[0], isRemembered: true).0 else {
                Issue.record("no rows")
                return
            }
            #expect(facts.unusedFields == (count > 90 ? ["early"] : []))
        }
    }

    @Test("that is small is read as a whole")
    func small() throws {
        try write((0..<50).map { Self.row($0) }.joined().utf8)
        let memory = RenderingMemory(folder: scratch.path("rendered")) { WallClock.seconds * 1_000_000_000 }
        let compiled = try CompiledTemplate(Template(form: Self.template))
        let renderer = DatasetRenderer(Self.datasets[0], template: compiled, memory: memory)
        #expect(try renderer.render(RowSource(name: "rows.jsonl", path: file)).growth == nil)
        #expect(!FileStatus.isFolder(scratch.path("rendered")))
    }

    @Test("that was made of another file is known by that one's bytes")
    func converted() throws {
        try write((0..<50).map { Self.row($0) }.joined().utf8)
        let original = Array("what the rows were made of".utf8)
        let compiled = try CompiledTemplate(Template(form: Self.template))
        for origin in [original, original + [1]] {
            var source = RowSource(name: "rows.parquet", path: file)
            source.origin = { try RowSource(name: "rows.parquet", bytes: origin).open() }
            let renderer = DatasetRenderer(Self.datasets[0], template: compiled, memory: memory)
            let rendered = try renderer.render(source)
            #expect(rendered.sourceDigest == ContentDigest(SHA256Digest.of(origin)))
            #expect(rendered.growth == nil)
        }
    }

    @Test("is refused as from its start where the rows that were added have another form")
    func mixed() throws {
        let pairs = (0..<30).map { "{\"prompt\": \"p\($0)\", \"completion\": \"c\"}\n" }.joined()
        try write(pairs.utf8)
        let source = RowSource(name: "rows.jsonl", path: file)
        let known = DatasetRenderer(Self.datasets[0], template: nil, memory: memory)
        #expect(try known.render(source).growth != nil)
        try write((pairs + "{\"text\": \"other\"}\n").utf8)
        let error = #expect(throws: DatasetError.self) { try known.render(source) }
        let unknown = DatasetRenderer(Self.datasets[0], template: nil)
        #expect(error != nil && error == #expect(throws: DatasetError.self) { try unknown.render(source) })
    }

    @Test("is remembered at its last 64 sizes, and by a whole note alone")
    func bounds() {
        var state = RenderingState()
        for size in 1...70 {
            state.train.rows = size
            state.notePast()
        }
        #expect(state.past.map(\.rows) == Array(7...70))
        let standing = Standing(state)
        #expect(Standing<RenderingState>(packed: standing.packed[...])?.state.past == state.past)
        #expect(Standing<RenderingState>(packed: (standing.packed + [0])[...]) == nil)
        #expect(Standing<RenderingState>(packed: standing.packed.dropLast()) == nil)
    }
}
