//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Datasets
import Digest
import Foundation
import JSON
import Resources
import Testing

@Suite("Rendering a dataset")
struct DatasetRendererTests {
    private static func source(_ lines: [String], name: String = "datasets/rows.jsonl") -> RowSource {
        RowSource(name: name, bytes: Array(lines.map { $0 + "\n" }.joined().utf8))
    }

    private static func dataset(
        sha256: ContentDigest? = nil,
        validation: Dataset.Validation? = nil
    ) -> Dataset {
        Dataset(source: .path("datasets/rows.jsonl"), sha256: sha256, validation: validation)
    }

    private static func renderer(_ validation: Dataset.Validation? = nil) -> DatasetRenderer {
        DatasetRenderer(dataset(validation: validation), template: nil)
    }

    private static func digest(_ text: String) -> ContentDigest? {
        ContentDigest(rawValue: SHA256Digest.of(text).hex)
    }

    private static let pairs = (1...60).map { #"{"id": \#($0), "prompt": "Q\#($0)", "completion": "A\#($0)"}"# }

    @Test("puts a line feed behind the prompt of a row that needs no template, and sorts its keys")
    func plainPairs() throws {
        let rendered = try Self.renderer().render(
            Self.source([
                #"{"prompt": "Why?", "completion": "é\u0007", "x": [1]}"#, "", #"{"completion":"b","prompt":"a\n"}"#,
            ])
        )
        let expected = """
            {"completion":"é\\u0007","prompt":"Why?\\n"}
            {"completion":"b","prompt":"a\\n\\n"}

            """
        #expect(try String(decoding: rendered.train.bytes(), as: UTF8.self) == expected)
        #expect(rendered.train.digest == Self.digest(expected))
        #expect(
            try rendered.train.rows() == [
                .promptCompletion(prompt: "Why?\n", completion: "é\u{7}"),
                .promptCompletion(prompt: "a\n\n", completion: "b"),
            ]
        )
        #expect(rendered.validation == nil)
        #expect(rendered.validation?.digest == nil)
    }

    @Test("keeps texts, and of messages role, content and name")
    func otherForms() throws {
        let texts = try Self.renderer().render(Self.source([#"{"text": " a ", "id": 1}"#]))
        #expect(try String(decoding: texts.train.bytes(), as: UTF8.self) == "{\"text\":\" a \"}\n")
        let line = #"{"messages":[{"role":"user","name":"Bo","content":"Hi"},{"role":"assistant","content":"Ho"}]}"#
        let messages = try Self.renderer().render(Self.source([line]))
        let expected = #"{"messages":[{"content":"Hi","name":"Bo","role":"user"},{"content":"Ho","role":"assistant"}]}"#
        #expect(try String(decoding: messages.train.bytes(), as: UTF8.self) == expected + "\n")
        let turns = [
            ChatMessage(role: .user, content: "Hi", name: "Bo"), ChatMessage(role: .assistant, content: "Ho"),
        ]
        #expect(try messages.train.rows() == [.messages(turns)])
    }

    @Test("takes messages from the field that a template names")
    func messagesField() throws {
        let template = try CompiledTemplate(Template(form: .messages(field: "chat")))
        let line = #"{"chat": [{"role": "assistant", "content": "Ho"}], "text": "no"}"#
        let rendered = try DatasetRenderer(Self.dataset(), template: template).render(Self.source([line]))
        #expect(try rendered.train.rows() == [.messages([ChatMessage(role: .assistant, content: "Ho")])])
    }

    @Test("splits off validation rows, both sides in the order of the source")
    func sides() throws {
        let rendered = try Self.renderer(.rows(20, seed: 3)).render(Self.source(Self.pairs))
        let validation = try #require(rendered.validation)
        #expect(rendered.train.count == 40)
        #expect(validation.count == 20)
        for rows in [try rendered.train.rows(), try validation.rows()] {
            let numbers = rows.map { Int($0.texts[1].dropFirst()) ?? 0 }
            #expect(numbers == numbers.sorted())
        }
        #expect(rendered.validation?.digest == validation.digest)
        #expect(try rendered.rowDigests().count == 60)
        let whole = try Self.renderer().render(Self.source(Self.pairs))
        #expect(try rendered.rowDigests().all() == whole.rowDigests().all())
        #expect(rendered.train.tokens + validation.tokens == whole.train.tokens)
    }

    @Test("takes validation rows from a source of their own")
    func otherSource() throws {
        let rendered = try Self.renderer(.source(.path("datasets/held-out.jsonl"), sha256: nil)).render(
            Self.source(Self.pairs),
            validation: Self.source(Array(Self.pairs.prefix(3)), name: "datasets/held-out.jsonl")
        )
        #expect(rendered.train.count == 60)
        #expect(rendered.validation?.count == 3)
        #expect(try rendered.rowDigests().count == 63)
    }

    @Test("a bad row of the validation source names that file")
    func badOtherSource() throws {
        let renderer = Self.renderer(.source(.path("v.jsonl"), sha256: nil))
        let error = #expect(throws: DatasetError.self) {
            try renderer.render(Self.source(Self.pairs), validation: Self.source(["{}"], name: "v.jsonl"))
        }
        #expect(error?.diagnostics.first?.range?.file == "v.jsonl")
    }

    @Test("refuses a source whose bytes are not those that are pinned, and gives both digests")
    func pin() throws {
        let text = Self.pairs.map { $0 + "\n" }.joined()
        let right = try #require(Self.digest(text))
        let wrong = try #require(Self.digest("another"))
        let pinned = DatasetRenderer(Self.dataset(sha256: right), template: nil)
        #expect(try pinned.render(Self.source(Self.pairs)).sourceDigest == right)
        let error = #expect(throws: DatasetError.self) {
            try DatasetRenderer(Self.dataset(sha256: wrong), template: nil).render(Self.source(Self.pairs))
        }
        #expect(error?.code == .digestMismatch)
        #expect(error?.message.contains("expected \(wrong), found \(right)") == true)
    }

    @Test("refuses to train on nothing")
    func nothing() throws {
        let all = #expect(throws: DatasetError.self) {
            try Self.renderer(.rows(60, seed: 1)).render(Self.source(Self.pairs))
        }
        let rest = "none is left to train on; let fewer validate, or add rows"
        #expect(all?.message == "all 60 rows of datasets/rows.jsonl validate: \(rest)")
    }

    private static let unreadablePaths = [
        ("/nonexistent/rows.jsonl", "there is no such file"), ("/tmp", "it is a folder"),
    ]

    @Test("says why a source cannot be read", arguments: unreadablePaths)
    func cannotRead(_ path: String, _ reason: String) throws {
        let source = RowSource(name: "datasets/rows.jsonl", path: path)
        let error = #expect(throws: DatasetError.self) { try Self.renderer().render(source) }
        #expect(error?.code == .unreadable)
        #expect(error?.message == "cannot read datasets/rows.jsonl: \(reason)")
    }

    @Test("is the same however the file ends its lines, but for the digest of the source")
    func lineEnds() throws {
        let unix = try Self.renderer().render(Self.source(Self.pairs))
        let windows = Self.pairs.map { $0 + "\r\n" }.joined() + "\r\n"
        let other = try Self.renderer().render(RowSource(name: "w", bytes: Array(windows.utf8)))
        let unended = try Self.renderer().render(
            RowSource(name: "u", bytes: Array(Self.pairs.joined(separator: "\n").utf8))
        )
        #expect(other.train.digest == unix.train.digest)
        #expect(unended.train.digest == unix.train.digest)
        #expect(other.sourceDigest != unix.sourceDigest)
    }

    @Test("hands over exactly the bytes that were digested")
    func write() throws {
        let rendered = try Self.renderer().render(Self.source(Self.pairs))
        var bytes: [UInt8] = []
        try rendered.train.write { bytes.append(contentsOf: $0) }
        #expect(SHA256Digest.of(bytes).hex == rendered.train.digest.rawValue)
    }

    @Test("previews rows with their fields, their line and their side")
    func preview() throws {
        let renderer = Self.renderer(.rows(20, seed: 3))
        let source = Self.source([""] + Self.pairs)
        let rows = try renderer.preview(source, rows: 1...60).rows
        #expect(rows.map(\.number) == Array(1...60))
        #expect(rows.map(\.place.number) == Array(2...61))
        let validation = try #require(try renderer.render(source).validation)
        #expect(try rows.filter(\.isValidation).map(\.rendered) == validation.rows())
        let one = try #require(try renderer.preview(source, rows: 17...17).rows.first)
        #expect(one == rows[16])
        #expect(one.fields["id"] == 17)
        #expect(one.count == 60)
        #expect(try renderer.preview(source, rows: 61...70).rows.isEmpty)
    }
}
