//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
internal import JSON
internal import Manifests

/// What is remembered of a plan in which everything was up-to-date.
struct RestNote: Hashable {
    /// How many fine-tunes there were.
    let fineTunes: Int
    /// Where versions and the ledger went.
    let settings: GitSettings
    /// The files of the repository that datasets name, by their paths from its top.
    let data: [String]
    /// What was asked of the disk.
    let questions: [SeenFiles.Question]
    /// The digest over all that the plan was made from.
    let digest: String

    /// The digest over what git, the manifests and the disk say.
    static func digest(_ git: GitStanding, manifests: SHA256Digest, files: SHA256Digest) -> String {
        SHA256Digest.of("\(git.digest.hex) \(manifests.hex) \(files.hex)").hex
    }

    /// The digest over the paths and bytes of manifests.
    static func digest(of manifests: [ManifestFile]) -> SHA256Digest {
        var hasher = SHA256Hasher()
        for file in manifests {
            hasher.update("\(file.path)\0\(file.bytes.count)\0")
            hasher.update(file.bytes)
        }
        return hasher.finalize()
    }
}

extension RestNote {
    var json: JSONValue {
        [
            "fine_tunes": .int(fineTunes),
            "remote": settings.remote.map { .string($0) } ?? .null,
            "branch": settings.branch.map { .string($0) } ?? .null,
            "push": .bool(settings.push),
            "ledger": .string(settings.ledger),
            "data": .array(data.map { .string($0) }),
            "questions": .array(questions.flatMap { [.string($0.kind), .string($0.path)] }),
            "digest": .string(digest),
        ]
    }

    /// Reads what `json` wrote; nothing from anything else.
    init?(json: JSONValue) {
        guard let fineTunes = json["fine_tunes"]?.int, let push = json["push"]?.bool,
            let ledger = json["ledger"]?.string, let digest = json["digest"]?.string,
            let data = json["data"]?.texts, let asked = json["questions"]?.texts, asked.count.isMultiple(of: 2)
        else { return nil }
        let questions = stride(from: 0, to: asked.count, by: 2).compactMap { place in
            SeenFiles.Question(kind: asked[place], path: asked[place + 1])
        }
        guard questions.count == asked.count / 2 else { return nil }
        let (remote, branch) = (json["remote"]?.string, json["branch"]?.string)
        self.init(
            fineTunes: fineTunes,
            settings: GitSettings(remote: remote, branch: branch, push: push, ledger: ledger),
            data: data,
            questions: questions,
            digest: digest
        )
    }
}

extension JSONValue {
    /// The elements of a list of texts; nothing of anything else.
    fileprivate var texts: [String]? {
        guard let elements = array else { return nil }
        let texts = elements.compactMap(\.string)
        return texts.count == elements.count ? texts : nil
    }
}
