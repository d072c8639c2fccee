//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import YAML

extension VersionRecord.EvaluationResult {
    var yaml: YAMLValue {
        .mapping(present: [
            ("digest", .of(digest)),
            ("base", base.yaml),
            ("version", version.yaml),
            ("answers", .sequence(answers.map(\.yaml))),
            ("validationAnswers", validationAnswers.isEmpty ? nil : .sequence(validationAnswers.map(\.yaml))),
            ("resamples", resamples.map { .int($0) }),
            ("comparisons", comparisons.isEmpty ? nil : .sequence(comparisons.map(\.yaml))),
            ("gate", gate.isEmpty ? nil : .sequence(gate.map(\.yaml))),
        ])
    }

    init(_ field: Field) throws(FieldError) {
        self.init(
            digest: try field.required("digest").digest(),
            base: try VersionRecord.Score(try field.required("base")),
            version: try VersionRecord.Score(try field.required("version")),
            answers: try Self.answers(try field.required("answers")),
            validationAnswers: try field["validationAnswers"].map(Self.answers) ?? [],
            comparisons: try field["comparisons"].map { field throws(FieldError) in
                try field.items().map { item throws(FieldError) in try VersionRecord.Comparison(item) }
            } ?? [],
            gate: try field["gate"].map { field throws(FieldError) in
                try field.items().map { item throws(FieldError) in try VersionRecord.Verdict(item) }
            } ?? [],
            resamples: try field["resamples"]?.int()
        )
    }

    private static func answers(_ field: Field) throws(FieldError) -> [VersionRecord.Answer] {
        try field.items().map { item throws(FieldError) in try VersionRecord.Answer(item) }
    }
}

extension VersionRecord.Verdict {
    var yaml: YAMLValue {
        ["metric": .string(metric), "condition": .string(condition), "met": .bool(isMet)]
    }

    init(_ field: Field) throws(FieldError) {
        self.init(
            metric: try field.required("metric").text(),
            condition: try field.required("condition").text(),
            isMet: try field.required("met").bool()
        )
    }
}

extension VersionRecord.Comparison {
    var yaml: YAMLValue {
        .mapping(present: [
            ("metric", .string(metric)),
            ("set", .string(set.rawValue)),
            ("base", .double(base)),
            ("version", .double(version)),
            ("lower", interval.map { .double($0.lower) }),
            ("upper", interval.map { .double($0.upper) }),
            ("examples", .int(examples)),
        ])
    }

    init(_ field: Field) throws(FieldError) {
        let set = try field.required("set")
        guard let known = ExampleSet(rawValue: try set.text()) else { throw set.expected("validation or prompts") }
        var interval: Interval?
        if let lower = try field["lower"]?.number(), let upper = try field["upper"]?.number() {
            interval = Interval(lower: lower, upper: upper)
        }
        self.init(
            metric: try field.required("metric").text(),
            set: known,
            base: try field.required("base").number(),
            version: try field.required("version").number(),
            interval: interval,
            examples: try field.required("examples").int()
        )
    }
}

extension VersionRecord.Score {
    var yaml: YAMLValue {
        .mapping(present: [
            ("loss", loss.map { .double($0) }),
            ("validationExactMatch", validationExactMatch?.yaml),
            ("promptsExactMatch", promptsExactMatch?.yaml),
        ])
    }

    init(_ field: Field) throws(FieldError) {
        self.init(
            loss: try field["loss"]?.number(),
            validationExactMatch: try field["validationExactMatch"].map { field throws(FieldError) in
                try VersionRecord.Share(field)
            },
            promptsExactMatch: try field["promptsExactMatch"].map { field throws(FieldError) in
                try VersionRecord.Share(field)
            }
        )
    }
}

extension VersionRecord.Share {
    var yaml: YAMLValue { ["correct": .int(correct), "total": .int(total)] }

    init(_ field: Field) throws(FieldError) {
        self.init(correct: try field.required("correct").int(), total: try field.required("total").int())
    }
}

extension VersionRecord.Answer {
    var yaml: YAMLValue {
        .mapping(present: [
            ("prompt", .string(prompt)), ("reference", reference.map { .string($0) }), ("base", .string(base)),
            ("version", .string(version)),
        ])
    }

    init(_ field: Field) throws(FieldError) {
        self.init(
            prompt: try field.required("prompt").text(),
            reference: try field["reference"]?.text(),
            base: try field.required("base").text(),
            version: try field.required("version").text()
        )
    }
}
