//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import JSON
package import Planning
internal import Resources

/// A plan for programs, in the format that `.docs/json.md` describes.
package enum PlanJSON {
    /// The version of the format.
    package static let formatVersion = "1.5"

    /// The plan as a JSON value.
    package static func value(_ plan: Plan) -> JSONValue {
        [
            "format_version": .string(formatVersion),
            "commit": string(plan.origin.commit),
            "branch": string(plan.origin.branch),
            "base": string(plan.origin.base),
            "untrusted": .bool(plan.origin.isUntrusted),
            "uncommitted": .array(plan.origin.uncommitted.map { .string($0) }),
            "ledger": ledger(plan.origin.ledger),
            "has_changes": .bool(plan.hasChanges),
            "summary": summary(plan),
            "sentences": .array(PlanSummary.sentence(plan).map { .string($0) }),
            "unplanned": .array(plan.unplanned.map { .string($0.rawValue) }),
            "items": .array(plan.items.map(item)),
            "warnings": .array(plan.warnings.map(warning)),
        ]
    }

    private static func warning(_ finding: Diagnostic) -> JSONValue {
        [
            "id": .string(finding.id.rawValue),
            "message": .string(finding.message),
            "file": string(finding.range?.file),
            "line": finding.range.map { .int($0.start.line) } ?? .null,
            "notes": .array(finding.notes.map { .string($0) }),
        ]
    }

    private static func ledger(_ sight: Plan.LedgerSight) -> JSONValue {
        switch sight {
        case .seen(let tip): ["state": "seen", "tip": .string(tip), "reason": .null]
        case .none: ["state": "none", "tip": .null, "reason": .null]
        case .notSeen(let reason): ["state": "not-seen", "tip": .null, "reason": .string(reason)]
        }
    }

    private static func summary(_ plan: Plan) -> JSONValue {
        .object(JSONObject(Action.words.map { JSONObject.Member(key: $0, value: .int(plan.count($0))) }))
    }

    private static func item(_ item: PlanItem) -> JSONValue {
        var object = JSONObject()
        object["fine_tunes"] = .array(item.fineTunes.map { .string($0.rawValue) })
        object["destination"] = .string(item.destination.description)
        object["backend"] = .string(item.request.backend.rawValue)
        object["gpus"] = .int(item.request.gpus)
        object["fingerprint"] = .string(item.fingerprint.rawValue)
        object["run"] = string(item.run?.rawValue)
        object["action"] = .string(item.action.word)
        object["is_change"] = .bool(item.action.isChange)
        object["reasons"] = .array(
            item.reasons.map { ["field": .string($0.field), "old": string($0.old), "new": string($0.new)] }
        )
        object["rows"] = item.rowDifference.map { ["added": .int($0.added), "removed": .int($0.removed)] } ?? .null
        object["selection"] = item.request.steps.map(selection) ?? .null
        object["estimate"] = item.estimate.map(EstimateJSON.value) ?? .null
        let details = PlanFields.all(item)
        object["details"] = .array(details.map { ["field": .string($0.name), "text": .string($0.text)] })
        addAction(item.action, to: &object)
        return .object(object)
    }

    private static func selection(_ counts: RowStepCounts) -> JSONValue {
        [
            "rows": .int(counts.rows), "filtered": .int(counts.filtered), "duplicates": .int(counts.duplicates),
            "beyond_limit": .int(counts.beyondLimit), "beyond_weights": .int(counts.beyondWeights),
            "kept": .int(counts.kept),
        ]
    }

    private static func addAction(_ action: Action, to object: inout JSONObject) {
        switch action {
        case .create, .update: break
        case .evaluate(let record), .configure(let record), .upToDate(let record): object["version"] = version(record)
        case .reuse(let source): addReuse(source, to: &object)
        case .inProgress(let progress): object["progress"] = self.progress(progress)
        case .unknown(let unknown): object["unknown"] = self.unknown(unknown)
        case .failed(let failed):
            object["failure"] = failure(failed)
            if let block = failed.block { object["blocked"] = blocked(block) }
        case .drifted(let drift):
            object["version"] = version(drift.version)
            object["drift"] = ["reason": .string(drift.reason)]
        case .orphaned(let records): object["orphans"] = .array(records.map(version))
        case .blocked(let block): object["blocked"] = blocked(block)
        }
    }

    private static func addReuse(_ source: Action.ReuseSource, to object: inout JSONObject) {
        switch source {
        case .published(let record):
            object["version"] = version(record)
            object["reuse"] = ["from": "published", "model": .string(record.model.description)]
        case .trained(let record):
            object["version"] = version(record)
            object["reuse"] = ["from": "trained", "model": .string(record.model.description)]
        case .stored(let record):
            object["version"] = version(record)
            object["reuse"] = ["from": "store", "model": .string(record.model.description)]
        case .plan(let model):
            object["reuse"] = ["from": "plan", "model": .string(model.description)]
        }
    }

    private static func version(_ record: VersionRecord) -> JSONValue {
        [
            "id": .string(record.id.rawValue), "number": record.number.map { .int($0) } ?? .null,
            "model": .string(record.model.description),
        ]
    }

    private static func progress(_ progress: Action.Progress) -> JSONValue {
        [
            "state": .string(progress.state.rawValue),
            "host": .string(progress.host),
            "is_own": .bool(progress.isOwn),
            "since": string(progress.since?.description),
            "until": string(progress.until?.description),
            "request": string(progress.request.map { $0 == .cancel ? "cancel" : "pause" }),
        ]
    }

    private static func unknown(_ unknown: Action.Unknown) -> JSONValue {
        ["backend": .string(unknown.backend.rawValue), "since": .string(unknown.since.description)]
    }

    private static func failure(_ failed: Action.Failed) -> JSONValue {
        [
            "class": .string(failed.failure.kind),
            "message": .string(failed.failure.message),
            "attempts": .int(failed.attempts),
            "cost": string(failed.cost?.decimal),
            "currency": "USD",
        ]
    }

    private static func blocked(_ block: Action.Block) -> JSONValue {
        [
            "kind": .string(block.kind.rawValue),
            "reason": .string(block.reason),
            "file": string(block.range?.file),
            "line": block.range.map { .int($0.start.line) } ?? .null,
        ]
    }

    private static func string(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
}
