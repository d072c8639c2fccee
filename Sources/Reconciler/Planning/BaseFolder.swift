//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
internal import Foundation
internal import JSON
internal import POSIX
internal import Planning
internal import Resources
internal import Runs

/// A base model that is a folder in Hugging Face layout, and the digest by which it is known.
///
/// Digests are kept in the cache by size, inode and time of change, as git's index keeps them, so that a plan does not
/// read gigabytes that did not change. A file that changed just now may change again without a trace: it is not kept.
struct BaseFolder {
    let path: String
    let cache: String

    private static let settling: Int64 = 2_000_000_000

    /// The digest over configuration, tokenizer and weights; nothing where there is no such folder, or no weights.
    func digest() throws -> ContentDigest? {
        let files = try files(where: Self.counts)
        return files.contains { Self.isWeights($0.name) } ? BaseIdentity.digest(of: files) : nil
    }

    /// The digest over all that decides which tokens a row becomes; nothing where there is no such folder.
    func tokenizerDigest() throws -> ContentDigest? {
        let files = try files { Self.counts($0) && !Self.isWeights($0) || $0 == "generation_config.json" }
        return files.isEmpty ? nil : BaseIdentity.digest(of: files)
    }

    private func files(where isWanted: (String) -> Bool) throws -> [VersionRecord.File] {
        guard FileStatus.isFile(path + "/config.json") else { return [] }
        let known = memory()
        let settled = WallClock.seconds * 1_000_000_000 - Self.settling
        var fresh = JSONObject()
        var files: [VersionRecord.File] = []
        for name in try Folder.names(in: path).sorted() {
            // What the other digest needs stays known.
            guard isWanted(name) else {
                fresh[name] = known[name]
                continue
            }
            guard let status = try FileStatus.of(path + "/" + name), status.kind == .file else { continue }
            let identity = "\(status.size) \(status.inode) \(status.changed)"
            let digest = try known[name].flatMap { Self.recall($0, identity) } ?? ofFile(name)
            if status.changed < settled {
                fresh[name] = ["identity": .string(identity), "sha256": .string(digest.rawValue)]
            }
            files.append(VersionRecord.File(name: name, size: status.size, sha256: digest))
        }
        try remember(fresh, instead: known)
        return files
    }

    /// Whether a file of a base's folder is one of those by which the base is known.
    static func counts(_ name: String) -> Bool {
        isWeights(name) || name.hasPrefix("tokenizer") || name.hasPrefix("chat_template.") || others.contains(name)
            || [".index.json", ".model"].contains(where: name.hasSuffix)
    }

    static func isWeights(_ name: String) -> Bool {
        name.hasSuffix(".safetensors") || name.hasPrefix("pytorch_model") && name.hasSuffix(".bin")
    }

    private static let others: Set = [
        "config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json", "vocab.txt", "merges.txt",
    ]

    private static func recall(_ entry: JSONValue, _ identity: String) -> ContentDigest? {
        guard entry["identity"]?.string == identity else { return nil }
        return entry["sha256"]?.string.flatMap { ContentDigest(rawValue: $0) }
    }

    private func ofFile(_ name: String) throws -> ContentDigest {
        ContentDigest(words: try SHA256Digest.of(file: path + "/" + name).words)
    }

    private var memoryFile: String { cache + "/bases/digests-\(SHA256Digest.of(path).hex.prefix(16)).json" }

    private func memory() -> JSONObject {
        guard let bytes = try? FileContents.readIfPresent(memoryFile) else { return JSONObject() }
        return (try? JSONParser.parse(bytes[...]))?.object ?? JSONObject()
    }

    private func remember(_ fresh: JSONObject, instead known: JSONObject) throws {
        guard fresh != known else { return }
        try Folder.make(Folder.parent(of: memoryFile))
        try DurableFile.write(JSONText.pretty(.object(fresh)), to: memoryFile)
    }
}
