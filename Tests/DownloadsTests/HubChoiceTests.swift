//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import JSON
import POSIX
import Resources
import Testing

@testable import Downloads

@Suite("Files of a split on the hub")
struct HubChoiceTests {
    private func choose(_ files: [String], _ query: String, card: String? = nil) throws -> [String] {
        guard case .hub(let source) = try RemoteSource("hf://owner/name?\(query)").place else { return [] }
        let card = try card.flatMap { HubCard(try JSONParser.parse(Array($0.utf8)[...])) }
        return try HubChoice(source, card: card).files(of: files)
    }

    @Test(
        "are found by their names",
        arguments: [
            (["README.md", "train.jsonl", "test.jsonl", ".hidden/train.jsonl"], "split=train", ["train.jsonl"]),
            (["train.csv", "val.csv"], "split=validation", ["val.csv"]),
            (
                ["data/train-00001.parquet", "data/train-00000.parquet", "data/dev.parquet"], "split=train",
                [
                    "data/train-00000.parquet", "data/train-00001.parquet",
                ]
            ),
            (["train/a.json.gz", "train/b.json.gz", "test/a.json.gz"], "split=test", ["test/a.json.gz"]),
            (["rows.jsonl", "dataset_infos.json"], "split=train", ["rows.jsonl"]),
            (["restrained.jsonl", "training.jsonl"], "split=train", ["training.jsonl"]),
            (["unsupervised.jsonl", "train.jsonl"], "split=unsupervised", ["unsupervised.jsonl"]),
            (
                ["default/train/0000.parquet", "default/test/0000.parquet"], "split=train",
                ["default/train/0000.parquet"]
            ),
            (["default/train/0.parquet", "de/train/0.parquet"], "split=train", ["default/train/0.parquet"]),
            (["fr/train/0.parquet", "de/train/0.parquet"], "split=train&config=de", ["de/train/0.parquet"]),
            (["a/rows.csv", "a/rows.jsonl"], "file=a/rows.jsonl", ["a/rows.jsonl"]),
        ]
    )
    func byName(files: [String], query: String, found: [String]) throws {
        #expect(try choose(files, query) == found)
    }

    private static let card = """
        {"configs": [
          {"config_name": "en", "data_files": [{"split": "train", "path": "data/en-*"}, {"split": "test", "path": "t.csv"}]},
          {"config_name": "de", "default": true, "data_files": [{"split": "train", "path": ["de/**/*.csv", "x.csv"]}]},
          {"config_name": "all", "data_files": "*.csv"}]}
        """

    @Test(
        "are those that the card declares",
        arguments: [
            ("split=train&config=en", ["data/en-1.csv", "data/en-2.csv"]), ("split=test&config=en", ["t.csv"]),
            ("split=train", ["de/a/b/1.csv", "x.csv"]), ("split=train&config=all", ["t.csv", "x.csv"]),
        ]
    )
    func byCard(query: String, found: [String]) throws {
        let files = ["data/en-1.csv", "data/en-2.csv", "t.csv", "de/a/b/1.csv", "x.csv", "data/fr-1.csv"]
        #expect(try choose(files, query, card: Self.card) == found)
    }

    @Test(
        "are asked for where it is not clear which they are",
        arguments: [
            (["train.csv", "train.jsonl"], "split=train", "has the split as csv and jsonl; say which by `file=`"),
            (["fr/train/0.parquet", "de/train/0.parquet"], "split=train", "several configurations; say one of them"),
            (["test.csv"], "split=train", "has no files of split train; there are test.csv"),
            (["test.csv"], "file=train.csv", "has no file train.csv; there are test.csv"),
            (["default/partial-train/0.parquet"], "split=train", "has only a part of split train"),
            ([], "split=train", "has no files of split train; there are none"),
        ]
    )
    func asks(files: [String], query: String, message: String) {
        let error = #expect(throws: DownloadError.self) { try choose(files, query) }
        #expect(error?.description.contains(message) == true, "\(error as Any)")
    }

    @Test(
        "fit patterns as in a shell",
        arguments: [
            ("data/train-*", "data/train-1.csv", true), ("data/train-*", "data/x/train-1.csv", false),
            ("**/a.csv", "a.csv", true), ("**/a.csv", "x/y/a.csv", true), ("x/**", "x/y/a.csv", true),
            ("x/**/b/*.csv", "x/b/c/b/1.csv", true), ("?.csv", "a.csv", true), ("[ab].csv", "b.csv", true),
            ("*.csv", "x/a.csv", false), ("a*b*c*d*", "abcd", false), ("", "a.csv", false),
        ]
    )
    func patterns(pattern: String, path: String, fits: Bool) {
        #expect(PathPattern.matches(pattern, path) == fits)
    }

    @Test("take no time without end to fit a hostile pattern")
    func hostilePattern() {
        let pattern = String(repeating: "**/", count: 200) + "x"
        #expect(!PathPattern.matches(pattern, String(repeating: "a/", count: 500) + "b"))
    }
}
