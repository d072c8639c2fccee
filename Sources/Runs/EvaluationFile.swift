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
            answers: Self.answers("answers", base: base, version: version),
            validationAnswers: Self.answers("validation_answers", base: base, version: version)
                .prefix(Self.keptAnswers).map(\.shortened),
            comparisons: (value["comparison"]?["metrics"]?.array ?? []).compactMap(VersionRecord.Comparison.init),
            resamples: value["comparison"]?["resamples"]?.int
        )
    }

    /// Rows are many and long, and a record is read often.
    private static let keptAnswers = 5

    /// Base and version answer the same prompts in the same order.
    private static func answers(_ name: String, base: JSONValue, version: JSONValue) -> [VersionRecord.Answer] {
        zip(base[name]?.array ?? [], version[name]?.array ?? []).map { ofBase, ofVersion in
            VersionRecord.Answer(
                prompt: ofVersion["prompt"]?.string ?? "",
                reference: ofVersion["reference"]?.string,
                base: ofBase["text"]?.string ?? "",
                version: ofVersion["text"]?.string ?? ""
            )
        }
    }
}

extension VersionRecord.Answer {
    private static let longest = 600

    /// The answer with the beginnings of its texts, of a prompt the end, where it asks.
    fileprivate var shortened: VersionRecord.Answer {
        func beginning(_ text: String) -> String {
            text.count > Self.longest ? text.prefix(Self.longest) + "…" : text
        }
        return VersionRecord.Answer(
            prompt: prompt.count > Self.longest ? "…" + prompt.suffix(Self.longest) : prompt,
            reference: reference.map(beginning),
            base: beginning(base),
            version: beginning(version)
        )
    }
}

extension VersionRecord.Comparison {
    /// Reads what a trainer measured; nothing of a set that this release does not know.
    init?(_ value: JSONValue) {
        guard let metric = value["metric"]?.string, let set = value["set"]?.string.flatMap(ExampleSet.init),
            let base = value["base"]?.double, let version = value["version"]?.double,
            let examples = value["examples"]?.int
        else { return nil }
        let ends = (value["interval"]?.array ?? []).compactMap(\.double)
        self.init(
            metric: metric,
            set: set,
            base: base,
            version: version,
            interval: ends.count == 2 ? Interval(lower: ends[0], upper: ends[1]) : nil,
            examples: examples
        )
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
