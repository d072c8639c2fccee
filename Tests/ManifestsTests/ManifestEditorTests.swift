//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Manifests
import Resources
import Testing

@Suite("Editing manifests")
struct ManifestEditorTests {
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

    private func edited(_ text: String, path: [String] = ["spec", "sha256"]) throws -> String {
        var editor = ManifestEditor(ManifestFile(path: "manifests/data.yaml", text: text))
        try editor.set(
            ManifestEditor.Target(kind: "Dataset", name: ResourceName(rawValue: "rows"), path: path, after: "source"),
            to: "abcd"
        )
        return String(decoding: editor.file.bytes, as: UTF8.self)
    }

    private static let head = "kind: Dataset\nmetadata: {name: rows}\n"

    @Test(
        "changes what it has to and nothing else",
        arguments: [
            Case(
                "a new line behind its sibling, whose comment stays",
                "# über allem\nkind: Dataset # a\nmetadata:\n    name: rows\nspec:\n    source: https://x/ü # where\n\n"
                    + "    # how\n    validation: {rows: 2}",
                "# über allem\nkind: Dataset # a\nmetadata:\n    name: rows\nspec:\n    source: https://x/ü # where\n"
                    + "    sha256: abcd\n\n    # how\n    validation: {rows: 2}"
            ),
            Case(
                "a new line at the end of a text without a line's end",
                head + "spec:\n  source: https://x/y",
                head + "spec:\n  source: https://x/y\n  sha256: abcd"
            ),
            Case(
                "a new line among lines that end as on Windows",
                "kind: Dataset\r\nmetadata: {name: rows}\r\nspec:\r\n  source: https://x/y\r\n",
                "kind: Dataset\r\nmetadata: {name: rows}\r\nspec:\r\n  source: https://x/y\r\n  sha256: abcd\r\n"
            ),
            Case(
                "a new pair in braces",
                head + "spec: {source: 'https://x/y' , limit: 3} # end\n",
                head + "spec: {source: 'https://x/y', sha256: abcd , limit: 3} # end\n"
            ),
            Case(
                "a new pair in braces with a tag and an anchor",
                head + "spec: !!map &a {source: \"https://x/y\"}\n",
                head + "spec: !!map &a {source: \"https://x/y\", sha256: abcd}\n"
            ),
            Case(
                "a new line behind a text in a block",
                head + "spec:\n  source: >-\n    https://x/y\n\n  limit: 3\n",
                head + "spec:\n  source: >-\n    https://x/y\n  sha256: abcd\n\n  limit: 3\n"
            ),
            Case(
                "an old value, quoted or not",
                head + "spec:\n  sha256:   \"12\"   # pin\n  source: https://x/y\n",
                head + "spec:\n  sha256:   abcd   # pin\n  source: https://x/y\n"
            ),
            Case(
                "a key without a value",
                head + "spec:\n  sha256:\n  source: https://x/y\n",
                head + "spec:\n  sha256: abcd\n  source: https://x/y\n"
            ),
            Case(
                "the right one of several documents",
                "kind: Dataset\nmetadata: {name: other}\nspec: {source: a}\n---\n" + head
                    + "spec: {source: b}\n---\nkind: FineTune\nmetadata: {name: rows}\nspec: {source: c}\n",
                "kind: Dataset\nmetadata: {name: other}\nspec: {source: a}\n---\n" + head
                    + "spec: {source: b, sha256: abcd}\n---\nkind: FineTune\nmetadata: {name: rows}\nspec: {source: c}\n"
            ),
        ]
    )
    func edits(change: Case) throws {
        #expect(try edited(change.before) == change.after)
    }

    @Test("reaches fields below others")
    func nested() throws {
        let text = Self.head + "spec:\n  source: a\n  validation: {source: https://x/y}\n"
        #expect(
            try edited(text, path: ["spec", "validation", "sha256"])
                == Self.head + "spec:\n  source: a\n  validation: {source: https://x/y, sha256: abcd}\n"
        )
    }

    @Test(
        "changes nothing where it cannot",
        arguments: [
            ("kind: Dataset\nmetadata: {name: other}\nspec: {source: a}\n", "is not there"),
            (head + "spec: {limit: 1}\n", "has no source to stand beside"),
            ("x: &s {source: a}\n" + head + "spec: *s\n", "cannot be edited: write abcd yourself"),
            (head + "spec: {source: a\n", "manifests/data.yaml:4:1:"),
        ]
    )
    func refuses(text: String, message: String) {
        let error = #expect(throws: ManifestEditError.self) { try edited(text) }
        #expect(error?.message.contains(message) == true, "\(error as Any)")
    }
}
