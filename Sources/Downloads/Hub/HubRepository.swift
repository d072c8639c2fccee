//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON

/// What the hub says of a dataset at a revision.
struct HubRepository {
    /// The commit that the revision names.
    let commit: String?
    /// The paths of all files.
    let files: [String]
    /// What the dataset's own card says of its files.
    let card: HubCard?

    init?(_ value: JSONValue) {
        guard let siblings = value["siblings"]?.array else { return nil }
        files = siblings.compactMap { $0["rfilename"]?.string }
        commit = value["sha"]?.string.flatMap { Self.isCommit($0) ? $0 : nil }
        card = value["cardData"].flatMap { HubCard($0) }
    }

    private static func isCommit(_ text: String) -> Bool {
        text.utf8.count == 40 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}

/// The configurations that a dataset's card declares, each with patterns of the files of its splits.
struct HubCard {
    /// One of the configurations.
    struct Config {
        var name: String
        var isDefault: Bool
        /// Patterns by split.
        var patterns: [String: [String]]
    }

    let configs: [Config]

    /// Reads the card's `configs`; nothing where it has none that name files.
    init?(_ value: JSONValue) {
        configs = (value["configs"]?.array ?? []).compactMap { entry in
            guard let name = entry["config_name"]?.string, let files = entry["data_files"] else { return nil }
            return Config(name: name, isDefault: entry["default"]?.bool ?? false, patterns: Self.patterns(files))
        }
        if configs.isEmpty { return nil }
    }

    /// `data_files` is a pattern, several, or a list of a split's name and its pattern or patterns.
    private static func patterns(_ value: JSONValue) -> [String: [String]] {
        if let pattern = value.string { return ["train": [pattern]] }
        var patterns: [String: [String]] = [:]
        for entry in value.array ?? [] {
            if let pattern = entry.string { patterns["train", default: []].append(pattern) }
            guard let split = entry["split"]?.string, let path = entry["path"] else { continue }
            patterns[split, default: []] += path.string.map { [$0] } ?? (path.array ?? []).compactMap(\.string)
        }
        return patterns
    }
}
