//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX
internal import Resources

/// Chooses the files of a split by the rules that the hub's own library has: the card's patterns, else the names.
struct HubChoice {
    private let source: HubSource
    private let card: HubCard?

    /// Makes a choice for a source in a dataset with a card.
    init(_ source: HubSource, card: HubCard?) {
        self.source = source
        self.card = card
    }

    /// The splits by the words that files are named with.
    private static let words = [
        "train": ["train", "training"], "validation": ["validation", "valid", "val", "dev"],
        "test": ["test", "testing", "eval", "evaluation"],
    ]
    private static let endings = ["jsonl", "ndjson", "json", "csv", "tsv", "parquet"]
    private static let compressions = ["gz", "zst"]
    private static let descriptions: Set<String> = [
        "dataset_dict.json", "dataset_info.json", "dataset_infos.json", "state.json",
    ]

    /// Whether a file holds rows, by its name.
    static func isData(_ path: String) -> Bool {
        let parts = path.split(separator: "/")
        let isHidden = parts.contains { $0.hasPrefix(".") }
        return !isHidden && !descriptions.contains(String(parts.last ?? "")) && ending(path) != nil
    }

    private static func ending(_ path: String) -> String? {
        var parts = path.split(separator: ".").map { $0.lowercased() }
        if let last = parts.last, compressions.contains(last) { parts.removeLast() }
        return parts.last.flatMap { endings.contains($0) ? $0 : nil }
    }

    /// The files, sorted by name.
    func files(of all: [String]) throws(DownloadError) -> [String] {
        if let file = source.file {
            guard all.contains(file) else { throw missing("no file \(file)", all) }
            return [file]
        }
        let split = source.split ?? "train"
        let data = all.filter(Self.isData).sorted()
        let found = if let files = try declared(split, data) { files } else { try named(split, data) }
        let whole = found.filter { !$0.contains("/partial-") && !$0.hasPrefix("partial-") }
        guard !found.isEmpty else { throw missing("no files of split \(split)", all) }
        guard !whole.isEmpty else {
            throw DownloadError(.missing, "\(source.repository) has only a part of split \(split) as Parquet files")
        }
        return try alike(whole)
    }

    /// The files that the card names; nothing where it says nothing of files.
    private func declared(_ split: String, _ data: [String]) throws(DownloadError) -> [String]? {
        guard let configs = card?.configs else { return nil }
        let chosen =
            if let name = source.config { configs.first { $0.name == name } } else {
                configs.count == 1
                    ? configs.first : configs.first { $0.isDefault } ?? configs.first { $0.name == "default" }
            }
        guard let chosen else { throw severalConfigs(configs.map(\.name)) }
        guard let patterns = chosen.patterns[split] else {
            throw missing("no split \(split) in its card", chosen.patterns.keys.sorted())
        }
        return data.filter { file in patterns.contains { PathPattern.matches($0, file) } }
    }

    /// The files whose names say the split; where no name says any, all of them train.
    private func named(_ split: String, _ data: [String]) throws(DownloadError) -> [String] {
        let data = try ofConfig(data)
        let words = Self.words[split] ?? [split]
        let found = data.filter { !Self.words(of: $0).isDisjoint(with: words) }
        guard found.isEmpty, split == "train" else { return found }
        let known = Set(Self.words.values.joined())
        return data.allSatisfy { Self.words(of: $0).isDisjoint(with: known) } ? data : []
    }

    private static func words(of path: String) -> Set<String> {
        Set(path.lowercased().split { !$0.isLetter }.map(String.init))
    }

    /// On the converted branch, and in datasets that keep to it, each configuration is a folder of splits.
    private func ofConfig(_ data: [String]) throws(DownloadError) -> [String] {
        if let config = source.config {
            return data.filter { $0.split(separator: "/").dropLast().contains(Substring(config)) }
        }
        let folders = data.map { $0.split(separator: "/").map(String.init) }
        guard !data.isEmpty, folders.allSatisfy({ $0.count == 3 }) else { return data }
        let configs = Set(folders.map { $0[0] })
        guard configs.count > 1 else { return data }
        guard configs.contains("default") else { throw severalConfigs(configs.sorted()) }
        return data.filter { $0.hasPrefix("default/") }
    }

    /// Files of one format: rows that are there twice, as CSV and as Parquet, would count twice.
    private func alike(_ files: [String]) throws(DownloadError) -> [String] {
        let formats = Set(files.compactMap(Self.ending))
        guard formats.count > 1 else { return files }
        throw DownloadError(
            .missing,
            "\(source.repository) has the split as \(formats.sorted().joined(separator: " and "))",
            notes: ["say which by `file=`: \(Self.list(files))"]
        )
    }

    private func severalConfigs(_ names: [String]) -> DownloadError {
        let what = source.config.map { "no configuration \($0)" } ?? "several configurations"
        return DownloadError(
            .missing,
            "\(source.repository) has \(what)",
            notes: ["say one of them by `config=`: \(Self.list(names))"]
        )
    }

    private func missing(_ what: String, _ names: [String]) -> DownloadError {
        DownloadError(.missing, "\(source.repository) has \(what)", notes: ["there are \(Self.list(names))"])
    }

    private static func list(_ names: [String]) -> String {
        guard !names.isEmpty else { return "none" }
        return names.prefix(10).joined(separator: ", ") + (names.count > 10 ? ", …" : "")
    }
}
