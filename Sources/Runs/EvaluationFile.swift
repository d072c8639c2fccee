//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
internal import POSIX
package import Resources

extension RunFolder {
    /// How base and version were judged; nothing where nobody asked. The digest is that of the evaluation asked for.
    package func readEvaluation(digest: ContentDigest) throws -> VersionRecord.EvaluationResult? {
        guard FileStatus.isFile(evaluation) else { return nil }
        let value = try Self.readJSON(evaluation)
        guard value["format"]?.int == 1, let base = value["base"], let version = value["version"] else {
            throw RunsError(.unreadable, "\(evaluation) is not what this ftops reads: format 1 with base and version")
        }
        return VersionRecord.EvaluationResult(
            digest: digest,
            base: VersionRecord.Score(base),
            version: VersionRecord.Score(version),
            answers: Self.answers(base: base, version: version)
        )
    }

    /// Base and version answer the same prompts in the same order.
    private static func answers(base: JSONValue, version: JSONValue) -> [VersionRecord.Answer] {
        zip(base["answers"]?.array ?? [], version["answers"]?.array ?? []).map { ofBase, ofVersion in
            VersionRecord.Answer(
                prompt: ofVersion["prompt"]?.string ?? "",
                reference: ofVersion["reference"]?.string,
                base: ofBase["text"]?.string ?? "",
                version: ofVersion["text"]?.string ?? ""
            )
        }
    }
}

extension VersionRecord.Score {
    init(_ value: JSONValue) {
        let matches = value["exact_match"]
        self.init(
            loss: value["loss"]?.double,
            validationExactMatch: matches?["validation"].flatMap { VersionRecord.Share($0) },
            promptsExactMatch: matches?["prompts"].flatMap { VersionRecord.Share($0) }
        )
    }
}

extension VersionRecord.Share {
    init?(_ value: JSONValue) {
        guard let correct = value["correct"]?.int, let total = value["of"]?.int else { return nil }
        self.init(correct: correct, total: total)
    }
}
