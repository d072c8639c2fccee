//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
internal import Reconciler
internal import Resources

/// The outcome of an `apply` for programs, in the format that `.docs/json.md` describes.
enum ApplyJSON {
    static func value(_ results: [ApplyResult]) -> JSONValue {
        ["format_version": "1.0", "items": .array(results.map(item))]
    }

    private static func item(_ result: ApplyResult) -> JSONValue {
        [
            "fine_tunes": .array(result.fineTunes.map { .string($0.rawValue) }),
            "destination": .string(result.destination.description),
            "action": .string(result.action),
            "outcome": .string(word(result.outcome)),
            "detail": .string(result.detail),
            "failure": result.failure.map { .string($0) } ?? .null,
            "version": result.version.map { .string($0.id.rawValue) } ?? .null,
            "number": result.version?.number.map { .int($0) } ?? .null,
            "seconds": result.seconds.map { .double($0) } ?? .null,
            "cost": result.cost.map { .string($0.decimal) } ?? .null,
            "currency": "USD",
        ]
    }

    private static func word(_ outcome: ApplyResult.Outcome) -> String {
        switch outcome {
        case .done: "done"
        case .upToDate: "up-to-date"
        case .failed: "failed"
        case .running: "running"
        case .paused: "paused"
        case .skipped: "skipped"
        case .notStarted: "not-started"
        }
    }
}
