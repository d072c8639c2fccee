//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
internal import Planning
internal import Reports
internal import Resources

/// Runs for programs, in the format that `.docs/json.md` describes.
enum StatusJSON {
    static func value(_ runs: [RunStatus]) -> JSONValue {
        ["format_version": "1.0", "runs": .array(runs.map(run))]
    }

    private static func run(_ status: RunStatus) -> JSONValue {
        let entry = status.entry
        return [
            "run": .string(status.run.rawValue),
            "state": .string(entry.state.rawValue),
            "fingerprint": .string(entry.fingerprint.rawValue),
            "fine_tunes": .array(entry.fineTunes.map { .string($0.rawValue) }),
            "model": .string(entry.model.description),
            "holder": .string(entry.holder.host),
            "until": entry.holder.until.map { .string($0.description) } ?? .null,
            "request": request(entry).map { .string($0) } ?? .null,
            "paused_by": entry.pausedBy.map { .string($0) } ?? .null,
            "paused_since": entry.pausedSince.map { .string($0.description) } ?? .null,
            "attempts": .int(entry.attempts.count),
            "failure": entry.failure.map { .string($0.kind) } ?? .null,
            "message": entry.failure.map { .string($0.message) } ?? .null,
            "step": status.progress.map { .int($0.step) } ?? .null,
            "steps": status.progress?.steps.map { .int($0) } ?? .null,
        ]
    }

    private static func request(_ entry: RunEntry) -> String? {
        switch entry.request {
        case .cancel: "cancel"
        case .pause: "pause"
        case nil: nil
        }
    }
}
