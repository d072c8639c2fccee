//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Testing

@testable import Resources

@Suite("Suggesting the near name")
struct SuggestionTests {
    @Test(
        "finds the near name",
        arguments: [
            ("sorce", "source"), ("SOURCE", "source"), ("learning-rate", "learning_rate"),
            ("lerning_rate", "learning_rate"),
            ("dtaa", "data"), ("validaton", "validation"), ("spce", "spec"),
        ]
    )
    func near(_ written: String, _ meant: String) {
        let names = ["source", "learning_rate", "data", "validation", "spec", "x"]
        #expect(Suggestion.nearest(written, among: names) == meant)
    }

    @Test(
        "keeps silent where nothing is near",
        arguments: ["", "frobnicate", "zz", "y", String(repeating: "s", count: 5000)]
    )
    func far(_ written: String) {
        #expect(Suggestion.nearest(written, among: ["source", "data", "x"]) == nil)
    }

    @Test("prefers the nearest, then the first by name")
    func ties() {
        #expect(Suggestion.nearest("bat", among: ["cat", "bar", "rat"]) == "bar")
        #expect(Suggestion.nearest("model-2", among: ["model-11", "model-3", "model-1"]) == "model-1")
    }

    @Test(
        "counts insertions, deletions, replacements and swaps",
        arguments: [("", "abc", 3), ("abc", "abc", 0), ("abc", "acb", 1), ("kitten", "sitting", 3), ("abcd", "acd", 1)]
    )
    func distance(_ left: String, _ right: String, _ expected: Int) {
        #expect(Suggestion.distance(Array(left.unicodeScalars), Array(right.unicodeScalars)) == expected)
    }
}
