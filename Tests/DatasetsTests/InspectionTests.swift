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

@Suite("A look at every row")
struct InspectionTests {
    private static func facts(
        _ rows: [JSONValue],
        template: Template.Form? = nil,
        _ validation: Dataset.Validation? = nil,
        others: [JSONValue] = [],
        questions: [String] = []
    ) throws -> (facts: DataFacts, data: RenderedDataset) {
        let source = { (name: String, rows: [JSONValue]) in
            RowSource(name: name, bytes: rows.flatMap { Array((JSONText.compact($0) + "\n").utf8) })
        }
        let dataset = Dataset(source: .path("rows.jsonl"), validation: validation)
        let compiled = try template.map { try CompiledTemplate(Template(form: $0)) }
        let data = try DatasetRenderer(dataset, template: compiled)
            .render(source("rows.jsonl", rows), validation: others.isEmpty ? nil : source("others.jsonl", others))
        return (try data.inspect(questions: questions), data)
    }

    private static func pair(_ prompt: String, _ completion: String) -> JSONValue {
        ["prompt": .string(prompt), "completion": .string(completion)]
    }

    private static let chats = Template.Form.promptCompletion(prompt: "Chat: {text}\nSum:", completion: " {sum}")

    private static func chat(_ text: String, _ sum: String) -> JSONValue {
        ["id": 1, "text": .string(text), "sum": .string(sum)]
    }

    @Test("counts rows, bytes and tokens as rendering does, on both sides", arguments: [0, 1, 2])
    func counts(_ kind: Int) throws {
        let rows = (0..<500).map { Self.pair("question \($0) \"quoted\"\n", "answer \u{1F600} \($0)") }
        let split = [nil, Dataset.Validation.fraction(0.3, seed: 5), .rows(70, seed: 9)][kind]
        let (facts, data) = try Self.facts(rows, split)
        #expect(facts.train.rows == data.train.count && facts.train.bytes == data.train.size)
        #expect(facts.train.lengths.tokens == data.train.tokens)
        #expect(facts.validation.rows == data.validation?.count ?? 0)
        #expect(facts.validation.lengths.tokens == data.validation?.tokens ?? 0)
        #expect(facts.train.prompts.tokens < facts.train.lengths.tokens)
        #expect(facts.leaked.count == 0 && facts.duplicates.count == 0)
    }

    @Test("counts the tokens of texts and of conversations as rendering does")
    func otherForms() throws {
        let texts = try Self.facts([["text": "one \\ two"], ["text": "three"]])
        #expect(texts.facts.train.lengths.tokens == texts.data.train.tokens)
        #expect(texts.facts.train.prompts.tokens == 0)
        let turns: (String) -> JSONValue = { answer in
            [
                "messages": [
                    ["role": "user", "content": "Who are you?"], ["role": "assistant", "content": .string(answer)],
                ]
            ]
        }
        let talks = try Self.facts([turns("A poet."), turns("A poet."), turns(" ")])
        #expect(talks.facts.train.lengths.tokens == talks.data.train.tokens)
        #expect(talks.facts.duplicates == .init(count: 1, first: 2))
        #expect(talks.facts.traits[.emptyCompletion] == .init(count: 1, first: 3))
    }

    @Test("reads both answers of a preference, and takes the longer one for the row's length")
    func preferences() throws {
        let rows: [JSONValue] = [
            ["prompt": "Why?", "chosen": "So.", "rejected": "No, not at all, \"never\" and nowhere."],
            ["prompt": "Why?", "chosen": "Because of the wind and the sea.", "rejected": " "],
            ["prompt": "Mail", "chosen": "So.", "rejected": "ann@acme.org"],
        ]
        let (facts, data) = try Self.facts(rows)
        let longest = try data.train.rows().map { row in
            max(
                row.texts[..<2].reduce(0) { $0 + TokenEstimator.tokens(in: $1) },
                row.texts[2...].reduce(0) { $0 + TokenEstimator.tokens(in: $1) }
            )
        }
        #expect(facts.train.lengths.tokens == longest.reduce(0, +))
        #expect(data.train.tokens == (try data.train.rows()).reduce(0) { $0 + $1.tokens })
        #expect(facts.traits[.emptyCompletion] == .init(count: 1, first: 2))
        #expect(facts.traits[.email] == .init(count: 1, first: 3))
        #expect(facts.unusedFields.isEmpty)
    }

    @Test("finds rows that come again, and those that validate and train")
    func repetitions() throws {
        let rows = ["a", "b", "a", "c", "a"].map { Self.pair($0, "x") }
        let others = ["z", "b", "c", "b"].map { Self.pair($0, "x") }
        let source = Dataset.Validation.source(.path("others.jsonl"), sha256: nil)
        let (facts, _) = try Self.facts(rows, source, others: others)
        #expect(facts.duplicates == .init(count: 3, first: 3))
        #expect(facts.leaked == .init(count: 3, first: 2))
        #expect(!facts.areRepeatsEstimated)
        // Of equal rows one may validate: by their number and not by their text.
        let split = try Self.facts((0..<40).map { Self.pair("\($0 / 2)", "x") }, .rows(19, seed: 3)).facts
        #expect(split.leaked.count == 1)
    }

    @Test("finds what renders to nothing, white space aside")
    func empty() throws {
        let rows = [Self.chat("", "x"), Self.chat(" \n", " "), Self.chat("hello", "y"), Self.chat("a", "")]
        let (facts, _) = try Self.facts(rows, template: Self.chats)
        #expect(facts.traits[.emptyPrompt] == .init(count: 2, first: 1))
        #expect(facts.traits[.emptyCompletion] == .init(count: 2, first: 2))
        #expect(facts.unusedFields == ["id"])
        let text = try Self.facts([["a": " "], ["a": "b"]], template: .text("Say {a}.")).facts
        #expect(text.traits == [.emptyCompletion: .init(count: 1, first: 1)])
    }

    @Test("finds evaluation prompts that train, of texts by what they begin with")
    func questions() throws {
        let rows = [Self.chat("one", "x"), Self.chat("two", "y")]
        let asked = ["Chat: nine\nSum:", "Chat: two\nSum:", "Chat: one\nSum:"]
        #expect(try Self.facts(rows, template: Self.chats, questions: asked).facts.asked == .init(count: 2, first: 2))
        let text = Template.Form.text("Chat: {text}\nSum: {sum}")
        let start = try Self.facts(rows, template: text, questions: ["Chat: two\nSum: "]).facts
        #expect(start.asked == .init(count: 1, first: 1))
        #expect(try Self.facts(rows, template: Self.chats).facts.asked.count == 0)
    }

    @Test("counts letters by script without those of the template")
    func scripts() throws {
        let rows = [Self.chat("abc Привет 123", "你好"), Self.chat("ÄÖ", "שלום")]
        let scripts = try Self.facts(rows, template: Self.chats).facts.scripts
        #expect(scripts == ["Latin": 5, "Cyrillic": 6, "Han": 2, "Hebrew": 4])
    }

    @Test("takes completions for labels where few come again and again, and hides what should not be told")
    func labels() throws {
        let rows = (0..<30).map { Self.pair("q\($0)", $0 % 3 == 0 ? "yes" : $0 % 3 == 1 ? "no" : "ann@web.de") }
        #expect(try Self.facts(rows).facts.labels == ["yes": 10, "no": 10, "(hidden)": 10])
        let many = (0..<200).map { Self.pair("q\($0)", "label \($0 % 65)") }
        #expect(try Self.facts(many).facts.labels.isEmpty)
        #expect(try Self.facts([Self.pair("a", "b"), Self.pair("c", "d")]).facts.labels.isEmpty)
    }

    @Test("can be kept")
    func json() throws {
        let rows = (0..<30).map { Self.pair("q\($0)", $0 % 2 == 0 ? "yes" : "call +49 151 23456789") }
        let facts = try Self.facts(rows + [rows[0]], .fraction(0.2, seed: 1), questions: ["q1\n"]).facts
        let kept = try #require(DataFacts(json: try JSONParser.parse(JSONText.compact(facts.json))))
        #expect(kept == facts && facts.traits[.phone]?.count == 15)
        #expect(DataFacts(json: ["train": 1]) == nil)
    }

    @Test("remembers so many rows at most, and estimates the others")
    func bounded() {
        var set = SampledSet(limit: 100)
        var again = 0
        for round in 0..<2 {
            for number in 0..<10_000 {
                let bytes = Array("row \(number)".utf8)
                if set.add(bytes.span.stableHash), round == 1 { again += set.weight }
            }
        }
        #expect(set.weight >= 128)
        #expect((5000...20_000).contains(again), "\(again)")
    }
}
