//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import FtopsTestSupport
import Manifests
import Resources
import Testing

@Suite("The manifest that is proposed for rows")
struct StarterManifestTests {
    private typealias Column = ColumnRoles.Column

    private static func manifest(_ form: ColumnRoles.Form, source: String = "data.csv", count: Int = 500)
        -> StarterManifest
    {
        let name = ResourceName(rawValue: "data")
        let rows = StarterManifest.Rows(name: name, source: source, form: form, count: count, longest: 100)
        return StarterManifest(rows, base: RepositoryTemplate.base)
    }

    private static func load(_ manifest: StarterManifest) -> DesiredState? {
        let result = ManifestLoader.load(
            RepositoryTemplate.files(for: manifest).filter { $0.path.hasPrefix("manifests/") }
        )
        #expect(result.diagnostics.isEmpty, "\(String(decoding: manifest.file.bytes, as: UTF8.self))")
        return result.diagnostics.isEmpty ? result.state : nil
    }

    @Test(
        "learns the column whose name says so, else the last, and asks by the others",
        arguments: [
            (["question", "answer"], ["question"], "answer"), (["Answer", "question"], ["question"], "Answer"),
            (["id", "title", "body", "label"], ["title", "body"], "label"), (["a", "b", "c"], ["a", "b"], "c"),
            (["user_id", "input", "output", "split"], ["input"], "output"),
        ]
    )
    func roles(names: [String], asked: [String], learned: String) throws {
        let roles = try #require(ColumnRoles(names.map(Column.init(name:))))
        guard case .prompt(let columns, let answer) = roles.form else {
            Issue.record("\(roles.form)")
            return
        }
        #expect(columns.map(\.name) == asked)
        #expect(answer.name == learned)
        #expect(roles.unused == names.filter { !asked.contains($0) && $0 != learned })
    }

    @Test("leaves out columns that are empty, nested or beyond a template, and proposes nothing without any")
    func useless() throws {
        var (empty, nested, odd) = (Column(name: "empty"), Column(name: "nested"), Column(name: "a.b"))
        (empty.isFilled, nested.isPlain, odd.canBeNamed) = (false, false, false)
        let roles = try #require(ColumnRoles([empty, Column(name: "say"), nested, odd]))
        #expect(roles.form == .text(Column(name: "say")))
        #expect(roles.unused == ["empty", "nested", "a.b"])
        #expect(ColumnRoles([empty, nested, odd]) == nil)
        #expect(ColumnRoles([Column(name: "id")]) == nil)
        #expect(ColumnRoles([Column(name: "a\u{0}")]) == nil)
    }

    @Test("knows rows that are rendered already, and conversations")
    func rendered() throws {
        let rows = try #require(ColumnRoles(["completion", "id", "prompt"].map(Column.init(name:))))
        #expect(rows.form == .rendered(["prompt", "completion"]) && rows.unused == ["id"])
        #expect(ColumnRoles([Column(name: "text")])?.form == .rendered(["text"]))
        let preferences = ["chosen", "id", "prompt", "rejected"].map { Column(name: $0) }
        #expect(ColumnRoles(preferences)?.form == .rendered(["prompt", "chosen", "rejected"]))
        var talk = Column(name: "messages")
        (talk.isConversation, talk.isPlain) = (true, false)
        #expect(ColumnRoles([talk])?.form == .rendered(["messages"]))
        talk.name = "turns: all"
        #expect(ColumnRoles([Column(name: "topic"), talk])?.form == .conversation(talk))
        for form in [rows.form, .conversation(talk), .text(Column(name: "say"))] {
            #expect(Self.load(Self.manifest(form))?.fineTunes.count == 1)
        }
    }

    @Test("fits the number of rows, and the longest of them")
    func sizes() throws {
        let form = ColumnRoles.Form.prompt([Column(name: "q")], answer: Column(name: "a"))
        let few = try #require(Self.load(Self.manifest(form, count: 9)))
        #expect(few.datasets.values.first?.spec.validation == nil)
        #expect(few.fineTunes.values.first?.spec.evaluation == nil)
        let many = try #require(Self.load(Self.manifest(form, count: 10_000)))
        #expect(many.datasets.values.first?.spec.validation == .rows(100, seed: 42))
        let name = ResourceName(rawValue: "data")
        let long = StarterManifest.Rows(name: name, source: "d", form: form, count: 50, longest: 5000)
        let state = try #require(Self.load(StarterManifest(long, base: RepositoryTemplate.base)))
        #expect(state.hyperparameters.values.first?.spec.values["chunk_size"] == .integer(8192))
    }

    @Test("names any column and any file as they are, in the layout of fmt", arguments: 0..<100 as Range<UInt64>)
    func hostile(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let pieces = [
            "a", "Q", " ", "  ", "\n", "\t", "\r", "\u{85}", "\u{2028}", "\u{FEFF}", "\u{202E}", "\u{7F}", "é",
            "e\u{301}",
            "日本", "😀", "'", "\"", "\\", "#", "- ", "? ", "& ", "*", "|", ">", "%", "@", "`", ",", "=", "<<", "~",
            "null", "true",
            "1e3", "0x1", "---", "...", "$", "\u{1B}[31m",
        ]
        func text() -> String {
            (0..<Int.random(in: 1...5, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }
                .joined()
        }
        var columns = [Column(name: text()), Column(name: text()), Column(name: text())]
        columns[0].hasLines = Bool.random(using: &generator)
        columns[2].hasLines = Bool.random(using: &generator)
        let manifest = Self.manifest(
            .prompt([columns[0], columns[1]], answer: columns[2]),
            source: "d/" + text() + ".csv"
        )
        let state = try #require(Self.load(manifest))
        let template = try #require(state.templates.values.first?.spec)
        guard case .promptCompletion(let prompt, let completion) = template.form else {
            Issue.record("\(template)")
            return
        }
        for column in columns[...1] { #expect(Array(prompt.utf8).contains(Array("{\(column.name)}".utf8))) }
        #expect(Array(completion.utf8) == Array(" {\(columns[2].name)}".utf8))
        var editor = ManifestEditor(manifest.file)
        #expect(editor.format().isEmpty && editor.file == manifest.file)
    }
}
