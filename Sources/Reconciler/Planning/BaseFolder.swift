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
/// Digests are kept in the cache by size and time of modification, as git's index keeps them, so that a plan does not
/// read gigabytes that did not change.
struct BaseFolder {
    let path: String
    let cache: String

    /// The digest over configuration, tokenizer and weights; nothing where there is no such folder.
    func digest() throws -> ContentDigest? {
        guard FileStatus.isFile(path + "/config.json") else { return nil }
        let known = memory()
        var fresh = JSONObject()
        var files: [VersionRecord.File] = []
        for name in try Folder.names(in: path).sorted() where Self.counts(name) {
            guard let status = try FileStatus.of(path + "/" + name), status.kind == .file else { continue }
            let identity = "\(status.size) \(status.modified)"
            let digest = try known[name].flatMap { Self.recall($0, identity) } ?? ofFile(name)
            fresh[name] = ["identity": .string(identity), "sha256": .string(digest.rawValue)]
            files.append(VersionRecord.File(name: name, size: status.size, sha256: digest))
        }
        try remember(fresh, instead: known)
        return BaseIdentity.digest(of: files)
    }

    private static func counts(_ name: String) -> Bool {
        let weights = name.hasSuffix(".safetensors") || name.hasSuffix(".bin") || name.hasSuffix(".index.json")
        return weights || name == "config.json" || name.hasPrefix("tokenizer") || name == "special_tokens_map.json"
            || name == "chat_template.jinja"
    }

    private static func recall(_ entry: JSONValue, _ identity: String) -> ContentDigest? {
        guard entry["identity"]?.string == identity else { return nil }
        return entry["sha256"]?.string.flatMap { ContentDigest(rawValue: $0) }
    }

    private func ofFile(_ name: String) throws -> ContentDigest {
        let digest = try SHA256Digest.of(file: path + "/" + name)
        guard let content = ContentDigest(rawValue: digest.hex) else {
            throw ReconcilerError(.damaged, "\(path)/\(name) has no digest")
        }
        return content
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
