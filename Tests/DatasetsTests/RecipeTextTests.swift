//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import JSON
import Resources
import Testing

@testable import Datasets

@Suite("What rows were asked for, as text")
struct RecipeTextTests {
    private static let digest = ContentDigest(words: (1, 2, 3, 4))
    private static let plain = Dataset(source: .path("a.jsonl"))

    private static func changed<Value>(_ path: WritableKeyPath<Dataset, Value>, _ values: Value...) -> [Dataset] {
        values.map { value in
            var dataset = plain
            dataset[keyPath: path] = value
            return dataset
        }
    }

    private static func all() throws -> [Dataset] {
        let mix = Dataset.MixPart(dataset: ResourceName(rawValue: "a.jsonl"))
        return [plain]
            + changed(\.source, .path("b.jsonl"), .remote(try RemoteSource("https://a.example/a.jsonl")), .mix([mix]))
            + changed(
                \.source,
                .mix([mix, mix]),
                .mix([Dataset.MixPart(dataset: ResourceName(rawValue: "a.jsonl"), weight: 0.5)])
            )
            + changed(\.sha256, digest)
            + changed(\.format, .csv, .json)
            + changed(\.filter, "length(a) > 1", "")
            + changed(\.dedupe, .exact, .near(0.8), .near(0.9))
            + changed(\.shuffle, 0, 1)
            + changed(\.limit, 0, 1)
            + changed(\.validation, .fraction(0.1, seed: 0), .fraction(0.1, seed: 1), .fraction(0.2, seed: 0))
            + changed(\.validation, .rows(1, seed: 0), .rows(1, seed: 1), .rows(2, seed: 0))
            + changed(\.validation, .source(.path("b"), sha256: nil), .source(.path("b"), sha256: digest))
            + changed(\.validation, .source(.path("c"), sha256: nil))
    }

    @Test("differs wherever datasets do")
    func datasets() throws {
        let all = try Self.all()
        #expect(Set(all).count == all.count)
        #expect(Set(all.map { CanonicalJSON.text($0.recipe) }).count == all.count)
    }

    @Test("knows all that a dataset has, what is added later too")
    func complete() {
        // A property that is missing in `all` above would be one that a memory of rows overlooks.
        #expect(Mirror(reflecting: Self.plain).children.count == 8)
    }

    @Test("differs wherever templates render otherwise, and not by where answers end")
    func templates() throws {
        let forms: [Template.Form] = [
            .promptCompletion(prompt: "a", completion: "b"), .promptCompletion(prompt: "a", completion: "c"),
            .promptCompletion(prompt: "b", completion: "b"), .text("a"), .text("b"), .messages(field: "a"),
            .messages(field: "b"), .preference(prompt: "a", chosen: "b", rejected: "c"),
            .preference(prompt: "a", chosen: "c", rejected: "b"),
        ]
        let recipes = try forms.map { CanonicalJSON.text(try CompiledTemplate(Template(form: $0)).recipe) }
        #expect(Set(recipes).count == forms.count)
        let other = try CompiledTemplate(Template(form: forms[0], stop: ["\n"]))
        #expect(CanonicalJSON.text(other.recipe) == recipes[0])
    }
}
