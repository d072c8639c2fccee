//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import Manifests
import Resources
import Testing

@testable import YAML

@Suite("The one layout of manifests")
struct ManifestFormatTests {
    private func formatted(_ text: String) throws -> String {
        var editor = ManifestEditor(ManifestFile(path: "manifests/a.yaml", text: text))
        let findings = editor.format()
        try #require(findings.isEmpty, "\(findings)")
        return String(decoding: editor.file.bytes, as: UTF8.self)
    }

    struct Case: CustomTestStringConvertible {
        var testDescription: String
        var before: String
        var after: String

        init(_ name: String, _ before: String, _ after: String) {
            testDescription = name
            self.before = before
            self.after = after
        }
    }

    @Test(
        "is written",
        arguments: [
            Case(
                "with two spaces a level, also for lists",
                "a:\n    b:\n    - 1\n    -   c: 2\n        d: 3\n",
                "a:\n  b:\n    - 1\n    - c: 2\n      d: 3\n"
            ),
            Case(
                "with quotes only where they are needed",
                "a: 'x'\n\"b\": \"1\"\n'on': 'yes'\nc: 'say \"x\"'\nd: \"say \\\"x\\\"\"\ne: 'it''s'\nf: \"\\n\"\n",
                "a: x\nb: \"1\"\n\"on\": \"yes\"\nc: say \"x\"\nd: say \"x\"\ne: it's\nf: \"\\n\"\n"
            ),
            Case(
                "with brackets as long as they are on one line",
                "a: {b: 1,c: [ 2 ,3 ] }\nd: [\n  e, # why\n  {f: 1},\n  # last\n]\ng: [\n]\n",
                "a: {b: 1, c: [2, 3]}\nd:\n  - e  # why\n  - {f: 1}\n  # last\ng: []\n"
            ),
            Case(
                "with comments where they belong",
                "# top\n\n\n# of a\na:   # about a\n    # of b\n    b: 1      # one\n    c: 22     # two\n    # end of a\n"
                    + "# of d\nd:\n-   x # y\n# of e\ne: 2\n\n# last",
                "# top\n\n# of a\na:   # about a\n  # of b\n  b: 1        # one\n  c: 22       # two\n  # end of a\n"
                    + "# of d\nd:\n  - x  # y\n# of e\ne: 2\n\n# last\n"
            ),
            Case(
                "with texts as they are, at their new place",
                "a:\n    b: |  # why\n        x\n          y\n\n    c: >+\n        z\n\n    d: |2-\n         e\nf: one\n   two\n",
                "a:\n  b: |    # why\n    x\n      y\n\n  c: >+\n    z\n\n  d: |2-\n       e\nf: one\n  two\n"
            ),
            Case(
                "with one marker between documents",
                "---\na: 1\n...\n---\n# nothing\n---   # b\n\nb: 2\n\n---\n",
                "a: 1\n# nothing\n---   # b\nb: 2\n"
            ),
            Case(
                "with anchors and tags",
                "a:   &x   {b: 1}\nc: !!map   &y\n    d: *x\ne: *y\n",
                "a: &x {b: 1}\nc: !!map &y\n  d: *x\ne: *y\n"
            ),
            Case(
                "with the spaces that a text begins with",
                "a: |2-\n        \n\n     c\nb:\n    c: |2\n\n          d\n",
                "a: |2-\n        \n\n     c\nb:\n  c: |2\n\n        d\n"
            ),
            Case("with line feeds", "a: 1\r\n\r\nb: |\r\n  x\r\n", "a: 1\n\nb: |\n  x\n"),
            Case("as nothing, where it is nothing", "\n\n", ""),
        ]
    )
    func layout(_ example: Case) throws {
        let result = try formatted(example.before)
        #expect(result == example.after)
        #expect(try formatted(result) == result)
    }

    @Test(
        "is written once and for all",
        arguments: [
            Case(
                "of a text that ends in spaces before a comment",
                "a: |1-\n  b\n   \n# c\nd: 1\n",
                "a: |2-\n   b\n    \n# c\nd: 1\n"
            ),
            Case("of lines behind a comment", "a: # c\n  b\n\n  d\n", "a:  # c\n  b\n\n  d\n"),
            Case(
                "of lines behind a tag and a comment",
                "- !!str # c\n  b\n  d\n",
                "- !!str  # c\n  b\n  d\n"
            ),
            Case("of a comment before directives", "# c\n%YAML 1.2\n---\na: 1\n", "# c\n%YAML 1.2\n---\na: 1\n"),
            Case("of an anchor before a colon", " &x :a]\n", "&x :a]\n"),
            Case("of the anchors of a mapping and its first key", "&x\n &y a: 1\n", "&x\n&y a: 1\n"),
            Case("of an anchor that looks like a dash", "# c\n&-\n- a: 1\n", "# c\n&-\n- a: 1\n"),
            Case("of quotes that only brackets need", "a: [\"b:?c\"]\nd: \"b:?c\"\n", "a: [\"b:?c\"]\nd: b:?c\n"),
            Case("of signs that are texts in brackets", "a: [-,\n  -]\nb: [-]\n", "a:\n  - \"-\"\n  - \"-\"\nb: [-]\n"),
            Case(
                "of lines behind two comments",
                "? a # b\n: # c\n  d\n  e\nf: 1\n",
                "a:  # b\n  d\n  e  # c\nf: 1\n"
            ),
            Case("of lines behind a comment of no key", "? a\n: # b\n  c\n  d\n", "a: c\n  d  # b\n"),
            Case(
                "of a text behind two comments",
                "a: # b\n  !!str # c\n  |\n  d\ne: 1\n",
                "a: !!str |  # b\n  d\n# c\ne: 1\n"
            ),
            Case("of a tag of nothing", "a: [!!str ,b]\nc: {d: &x }\n", "a: [!!str , b]\nc: {d: &x }\n"),
            Case("of two comments around a tag", "a: # b\n  !!map # c\n  d: 1\n", "a: !!map  # b\n  # c\n  d: 1\n"),
        ]
    )
    func fuzzed(_ example: Case) throws {
        let result = try formatted(example.before)
        #expect(result == example.after)
        #expect(try formatted(result) == result)
    }

    @Test("keeps meaning and comments of whatever is YAML, and then changes nothing more", arguments: 0..<12)
    func property(_ round: UInt64) throws {
        for seed in (round * 15)..<(round * 15 + 15) {
            var random = RandomManifest(seed: seed)
            let text = random.text()
            let before = try #require(try? YAMLReader.documents(Array(text.utf8)), "seed \(seed):\n\(text)")
            let once = try formatted(text)
            let after = try YAMLReader.documents(Array(once.utf8))
            #expect(try before.map(Self.value) == after.map(Self.value), "seed \(seed):\n\(text)\n=>\n\(once)")
            let lines = once.split(separator: "\n")
            for comment in random.comments {
                #expect(lines.contains { $0.hasSuffix(comment) }, "seed \(seed) lost \(comment):\n\(text)\n=>\n\(once)")
            }
            #expect(try formatted(once) == once, "seed \(seed):\n\(text)\n=>\n\(once)")
        }
    }

    /// What a document says, keys that stand twice and all.
    private static func value(_ node: YAMLNode) throws -> [String] {
        switch node.content {
        case .scalar(let scalar):
            ["\(scalar.text)|\(scalar.tag ?? "")|\(String(describing: CoreSchema.value(of: scalar)))"]
        case .sequence(let elements): ["["] + (try elements.flatMap(value)) + ["]"]
        case .mapping(let pairs): ["{"] + (try pairs.flatMap { try value($0.key) + value($0.value) }) + ["}"]
        }
    }

    @Test(
        "changes nothing where it cannot keep what is said, and says where",
        arguments: [
            ("a: 1\n? [b]\n: 2\n", "2:3: error: a key that is no text cannot be laid out"),
            ("a: [\n", "2:1: error: did not find expected node content"),
            (" --- a: 1\n", "1:2: error: a text that begins with `---` needs quotes"),
            (" ... \u{59E}b\n", "1:2: error: a text that begins with `...` needs quotes"),
            (" ...\tb\n", "1:2: error: a text that begins with `...` needs quotes"),
            ("? |\n  x\n: 1\n", "1:3: error: a key that is empty or takes several lines cannot be laid out"),
        ]
    )
    func refuses(_ text: String, _ message: String) {
        var editor = ManifestEditor(ManifestFile(path: "m.yaml", text: text))
        let found = editor.format().map {
            "\($0.range?.start.line ?? 0):\($0.range?.start.column ?? 0): error: \($0.message)"
        }
        #expect(found == [message])
        #expect(String(decoding: editor.file.bytes, as: UTF8.self) == text)
    }

    @Test("is the layout of what init writes, and of this repository's own manifests")
    func ownManifests() throws {
        for file in RepositoryTemplate.files where file.path.hasSuffix(".yaml") {
            #expect(
                try formatted(String(decoding: file.bytes, as: UTF8.self))
                    == String(decoding: file.bytes, as: UTF8.self)
            )
        }
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "manifests")
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        for name in names.filter({ $0.hasSuffix(".yaml") }).sorted() {
            let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            #expect(try formatted(text) == text, "\(name)")
        }
    }

    @Test("lays out every good fixture without changing what it says", arguments: try MarkedFixture.all("good"))
    func fixtures(_ fixture: MarkedFixture) throws {
        let text = try formatted(String(decoding: fixture.file.bytes, as: UTF8.self))
        let result = ManifestLoader.load([ManifestFile(path: fixture.file.path, text: text)])
        #expect(result.diagnostics.isEmpty)
    }
}
