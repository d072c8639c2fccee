//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
internal import Resources

/// What was measured of base and version, for programs.
enum MetricsJSON {
    static func value(_ comparisons: [VersionRecord.Comparison]) -> JSONValue { .array(comparisons.map(metric)) }

    private static func metric(_ comparison: VersionRecord.Comparison) -> JSONValue {
        [
            "metric": .string(comparison.metric),
            "set": .string(comparison.set.rawValue),
            "base": .double(comparison.base),
            "version": .double(comparison.version),
            "difference": .double(comparison.difference),
            "lower": comparison.interval.map { .double($0.lower) } ?? .null,
            "upper": comparison.interval.map { .double($0.upper) } ?? .null,
            "examples": .int(comparison.examples),
        ]
    }

    static func value(_ gate: [VersionRecord.Verdict]) -> JSONValue {
        .array(
            gate.map {
                ["metric": .string($0.metric), "condition": .string($0.condition), "met": .bool($0.isMet)]
            }
        )
    }

    static func value(_ answers: [VersionRecord.Answer]) -> JSONValue {
        .array(
            answers.map {
                [
                    "prompt": .string($0.prompt),
                    "reference": $0.reference.map { .string($0) } ?? .null,
                    "base": .string($0.base),
                    "version": .string($0.version),
                ]
            }
        )
    }
}
