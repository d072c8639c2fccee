//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
internal import Ledger
internal import Resources

/// Versions for programs, in the format that `.docs/json.md` describes.
enum VersionsJSON {
    static func value(_ versions: [VersionRecord]) -> JSONValue {
        ["format_version": "1.0", "versions": .array(versions.map(version))]
    }

    /// A document about one version: which it is, and what a command has to say of it.
    static func about(
        _ record: VersionRecord,
        format: String = "1.0",
        _ members: [(String, JSONValue)]
    ) -> JSONValue {
        let head: [(String, JSONValue)] = [
            ("format_version", .string(format)), ("model", .string(record.model.description)),
            ("number", record.number.map { .int($0) } ?? .null), ("id", .string(record.id.rawValue)),
        ]
        return .object(JSONObject((head + members).map { JSONObject.Member(key: $0.0, value: $0.1) }))
    }

    private static func version(_ record: VersionRecord) -> JSONValue {
        [
            "model": .string(record.model.description),
            "number": record.number.map { .int($0) } ?? .null,
            "id": .string(record.id.rawValue),
            "fingerprint": .string(record.fingerprint.rawValue),
            "fine_tunes": .array(record.fineTunes.map { .string($0.rawValue) }),
            "commit": .string(record.commit),
            "started": .string(record.started.description),
            "ended": .string(record.ended.description),
            "cost": record.cost.map { .string($0.decimal) } ?? .null,
            "currency": "USD",
            "steps": .int(record.training.steps),
            "kept_step": .int(record.training.keptStep ?? record.training.steps),
            "train_rows": .int(record.inputs.trainRows),
            "validation_loss": record.training.validationLoss.map { .double($0) } ?? .null,
            "base_validation_loss": record.training.baseValidationLoss.map { .double($0) } ?? .null,
            "exact_match": .array(shares(record)),
            "metrics": MetricsJSON.value(record.evaluation?.comparisons ?? []),
            "gate": MetricsJSON.value(record.evaluation?.gate ?? []),
            "record": .string(VersionRecordCodec.path(of: record)),
            "weights": .array(record.weights.map(file)),
        ]
    }

    static func file(_ file: VersionRecord.File) -> JSONValue {
        ["name": .string(file.name), "size": .int(file.size), "sha256": .string(file.sha256.rawValue)]
    }

    private static func shares(_ record: VersionRecord) -> [JSONValue] {
        guard let evaluation = record.evaluation else { return [] }
        let sets: [(String, KeyPath<VersionRecord.Score, VersionRecord.Share?>)] = [
            ("validation", \.validationExactMatch), ("prompts", \.promptsExactMatch),
        ]
        return sets.compactMap { name, path in
            guard let version = evaluation.version[keyPath: path] else { return nil }
            return [
                "set": .string(name),
                "base": evaluation.base[keyPath: path].map { .int($0.correct) } ?? .null,
                "version": .int(version.correct),
                "of": .int(version.total),
            ]
        }
    }
}
