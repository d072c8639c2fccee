//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import FtopsTestSupport
import JSON
import Testing

@Suite("ftops data stats")
struct DataStatsTests {
    /// Six rows to train on and two to validate on, of labels, with a row that comes twice.
    private func scenario() throws -> Scenario {
        let scenario = try Scenario()
        let manifest = """
            apiVersion: ftops/v1
            kind: Dataset
            metadata: {name: moods}
            spec: {source: datasets/moods.jsonl, validation: {source: datasets/validation.jsonl}}
            ---
            apiVersion: ftops/v1
            kind: Template
            metadata: {name: mood}
            spec: {prompt: "{text}", completion: "{mood}"}
            """
        try scenario.write(manifest, at: "manifests/moods.yaml")
        let row = { (text: String, mood: String) in "{\"text\": \"\(text)\", \"mood\": \"\(mood)\"}\n" }
        let rows = [("a b", "good"), ("да", "good"), ("a b", "good"), ("a b", "bad"), ("c", "good"), ("d", "good")]
        try scenario.write(rows.map(row).joined(), at: "datasets/moods.jsonl")
        try scenario.write(row("e", "bad") + row("f", "bad"), at: "datasets/validation.jsonl")
        return scenario
    }

    @Test("says of a dataset what can be counted by hand")
    func figures() throws {
        let scenario = try scenario()
        let stats = try scenario.ftops("data", "stats", "moods", "--template", "mood", "--json")
        try DocumentedFormat("ftops data stats").expect([stats.output])
        let json = try JSONParser.parse(stats.output)
        #expect(json["name"] == "moods")
        // {"completion":"good","prompt":"a b"} and a line feed are 37 bytes.
        #expect(json["train"]?["rows"] == 6 && json["train"]?["bytes"] == .int(37 + 38 + 37 + 36 + 35 + 35))
        #expect(json["validation"]?["rows"] == 2 && json["validation"]?["bytes"] == .int(34 + 34))
        #expect(json["duplicates"] == 1 && json["duplicates_exact"] == true)
        #expect(json["labels"] == [["label": "good", "rows": 5], ["label": "bad", "rows": 3]])
        #expect(json["scripts"] == [["script": "Latin", "letters": 39], ["script": "Cyrillic", "letters": 2]])
        // `a b` and `good` are two tokens and one.
        #expect(json["train"]?["tokens"] == .int(3 + 2 + 3 + 3 + 2 + 2))
        #expect(json["train"]?["median"] == 2 && json["train"]?["longest"] == 3)
        #expect(json["train"]?["lengths"] == [["tokens": 2, "rows": 3], ["tokens": 3, "rows": 3]])
        // With a start and an end they are 4 and 5: two of 4 fill a pack of 8, and a third cannot go with one of 5.
        #expect(json["packing"] == ["size": 2048, "packs": 1, "saved": .double(0.8333)])
        let small = try scenario.ftops("data", "stats", "moods", "--template", "mood", "--json", "--pack", "8")
        #expect(try JSONParser.parse(small.output)["packing"] == ["size": 8, "packs": 5, "saved": .double(0.1667)])
    }

    @Test("shows them to people, in 80 columns")
    func text() throws {
        let stats = try scenario().ftops("data", "stats", "moods", "--template", "mood")
        let expected = """
            Data of moods
              rows        6 train, 2 validate
              bytes       286 B as rendered, with validation
              tokens      ~15 train, ~4 validate
              duplicates  1 (13% of the rows)
              packing     6 rows -> ~1 pack of 2,048 tokens, 83% fewer steps

            Tokens a row  median 2, 95% up to 3, longest 3
              2  ████████████████████████████████████████ 3 (50%)
              3  ████████████████████████████████████████ 3 (50%)

            Labels  2 labels, the most frequent one 1.7 times as often as the least
              good  ████████████████████████████████████████ 5 (63%)
              bad   ████████████████████████ 3 (38%)

            Scripts
              Latin     ████████████████████████████████████████ 39 (95%)
              Cyrillic  ██ 2 (5%)

            """
        #expect(stats.output == expected, "\(stats.transcript)")
    }

    @Test("takes the chunk size of a fine-tune, and knows no other names")
    func names() throws {
        let scenario = try Scenario()
        try scenario.writeManifests(hyperparameters: "{chunk_size: 64}")
        let stats = try scenario.ftops("data", "stats", "greeter", "--json")
        #expect(try JSONParser.parse(stats.output)["packing"]?["size"] == 64, "\(stats.transcript)")
        let unknown = try scenario.ftops("data", "stats", "greter")
        #expect(unknown.status == 1 && unknown.errors.contains("greeter"), "\(unknown.transcript)")
        #expect(try scenario.ftops("data", "stats", "greeter", "--pack", "0").status == 64)
    }
}
