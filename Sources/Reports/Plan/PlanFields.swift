//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Planning
internal import Resources

/// What there is to say about an item of a plan, field by field: the same in every format for people.
enum PlanFields {
    /// A field's name and what is said of it.
    struct Field {
        let name: String
        let text: String

        init(_ name: String, _ text: String) {
            self.name = name
            self.text = text
        }
    }

    /// Reasons, then remarks.
    static func all(_ item: PlanItem) -> [Field] {
        item.reasons.map { Field($0.field, change($0)) } + remarks(item)
    }

    /// `old -> new`, as far as there are any.
    static func change(_ reason: Reason) -> String {
        switch (reason.old, reason.new) {
        case (let old?, let new?): "\(old) -> \(new)"
        case (nil, let new?): new
        case (let old?, nil): "\(old) -> none"
        case (nil, nil): "changed"
        }
    }

    /// `+120 -3 rows`; nothing where no row came or went.
    static func rows(_ difference: RowDifference) -> String? {
        var parts: [String] = []
        if difference.added > 0 { parts.append("+\(Figures.count(difference.added))") }
        if difference.removed > 0 { parts.append("-\(Figures.count(difference.removed))") }
        guard !parts.isEmpty else { return nil }
        let isOne = difference.added + difference.removed == 1
        return parts.joined(separator: " ") + (isOne ? " row" : " rows")
    }

    /// What an item's action says beside its reasons.
    static func remarks(_ item: PlanItem) -> [Field] {
        switch item.action {
        case .create, .update: left(item) + estimate(item)
        case .reuse(let source): [Field("from", from(source))]
        case .evaluate(let version), .configure(let version): [Field("version", name(version))]
        case .upToDate: []
        case .inProgress(let progress): inProgress(progress, item.fineTunes)
        case .unknown(let unknown): self.unknown(unknown, item.fineTunes)
        case .failed(let failed): self.failed(failed, estimate(item))
        case .drifted(let drift): drifted(drift)
        case .orphaned(let versions): orphaned(versions)
        case .blocked(let block): blocked(block)
        }
    }

    /// What is left of a dataset's rows by its steps.
    private static func left(_ item: PlanItem) -> [Field] {
        item.request.steps.map { [Field("selection", RowStepsText.line($0))] } ?? []
    }

    private static func estimate(_ item: PlanItem) -> [Field] {
        item.estimate.map { [Field("estimate", EstimateText.line($0, rows: item.request.inputs.trainRows))] } ?? []
    }

    private static func from(_ source: Action.ReuseSource) -> String {
        switch source {
        case .published(let version): "\(name(version)), trained already"
        case .trained(let version): "\(version.id.short), trained and not yet published"
        case .stored(let version): "\(version.id.short), trained on this machine for another repository"
        case .plan(let model): "\(model), trained in this plan"
        }
    }

    private static func name(_ version: VersionRecord) -> String { "\(version.label) (\(version.id.short))" }

    private static func blocked(_ block: Action.Block) -> [Field] {
        [Field("because", block.reason)] + place(block)
    }

    private static func place(_ block: Action.Block) -> [Field] {
        block.range.map { [Field("at", "\($0.file):\($0.start.line)")] } ?? []
    }

    private static func inProgress(_ progress: Action.Progress, _ names: [ResourceName]) -> [Field] {
        let holder = progress.isOwn ? "this machine (\(progress.host))" : progress.host
        var remarks = [Field("state", "\(progress.state.rawValue), held by \(holder)")]
        switch progress.request {
        case .cancel: remarks.append(Field("asked", "to be cancelled"))
        case .pause(let person): remarks.append(Field("asked", "to be paused, by \(person)"))
        case nil: break
        }
        if let since = progress.since { remarks.append(Field("since", "\(Figures.minute(since)) UTC")) }
        if let until = progress.until { remarks.append(Field("until", "\(Figures.minute(until)) UTC")) }
        switch (progress.state, progress.request) {
        case (_, .pause): remarks += names.first.map { [Field("next", "ftops resume \($0)")] } ?? []
        case (.paused, nil):
            remarks.append(Field("next", progress.isOwn ? "ftops apply" : "ftops apply on \(progress.host)"))
        default: break
        }
        return remarks
    }

    private static func unknown(_ unknown: Action.Unknown, _ names: [ResourceName]) -> [Field] {
        let asked = "\(unknown.backend.rawValue) was asked, and nobody can say whether it took the run"
        return [Field("because", asked), Field("since", "\(Figures.minute(unknown.since)) UTC")]
            + (names.first.map { [Field("next", "ftops resolve \($0)")] } ?? [])
    }

    private static func drifted(_ drift: Action.Drift) -> [Field] {
        [
            Field("version", name(drift.version)), Field("because", drift.reason),
            Field("next", "ftops apply --refresh puts it back, --replace trains it again"),
        ]
    }

    private static func orphaned(_ versions: [VersionRecord]) -> [Field] {
        let shown = versions.prefix(3).map(name) + (versions.count > 3 ? ["and \(versions.count - 3) more"] : [])
        return [Field("because", "no fine-tune asks for it"), Field("versions", shown.joined(separator: ", "))]
    }

    private static func failed(_ failed: Action.Failed, _ estimate: [Field]) -> [Field] {
        let attempts = "\(failed.attempts)" + (failed.cost.map { ", \(Figures.money($0))" } ?? "")
        let told = [
            Field("class", failed.failure.kind), Field("because", failed.failure.message), Field("attempts", attempts),
        ].filter { !$0.text.isEmpty }
        if let block = failed.block {
            let retry = "blocked (\(block.kind.rawValue)): \(block.reason)"
            return told + estimate + [Field("retry", retry)] + place(block)
        }
        return told + estimate + [Field("next", "ftops apply --retry-failed")]
    }
}
