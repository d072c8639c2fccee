//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Planning
internal import Resources

/// A plan for people: what is to be done, why, and what it takes.
package struct PlanText {
    private let plan: Plan
    private let style: TerminalStyle
    private let width: Int

    /// The plan as text that ends with a line feed.
    package static func render(_ plan: Plan, color: Bool = false, width: Int = 80) -> String {
        let text = PlanText(plan: plan, style: TerminalStyle(isColored: color), width: max(40, width))
        return text.lines.map { $0 + "\n" }.joined()
    }

    private var lines: [String] {
        let shown = plan.items.filter { $0.action.word != "up-to-date" }
        let current = plan.items.count - shown.count
        var lines = header + [""]
        for item in shown { lines += self.item(item) + [""] }
        if current > 0, !shown.isEmpty { lines += ["  \(current) up-to-date", ""] }
        return lines + summary(isAllCurrent: shown.isEmpty)
    }

    private var header: [String] {
        let origin = plan.origin
        let branch = origin.branch.map { " on \(TerminalText.line($0))" } ?? ""
        let commit = origin.commit.map { "commit \($0.prefix(12))" } ?? "a repository without a commit"
        var lines = [style.text("Plan for \(commit)\(branch)", .bold)]
        if case .notSeen(let reason) = origin.ledger {
            lines += note("ledger not seen (\(reason)); runs of other machines may be missing here")
        }
        if !origin.uncommitted.isEmpty {
            lines += note("not committed, and `ftops apply` trains commits only:")
            lines += origin.uncommitted.prefix(10).map { "    " + TerminalText.line($0) }
            let more = origin.uncommitted.count - 10
            if more > 0 { lines.append("    and \(more) more") }
        }
        return lines
    }

    private func note(_ text: String) -> [String] {
        TextWrap.hanging("Note: ", TerminalText.line(text), width: width).map { style.text($0, .yellow) }
    }
}

// MARK: - Items

extension PlanText {
    private func item(_ item: PlanItem) -> [String] {
        let mark = ActionMark(item.action)
        let note = Self.note(item).map { " (\($0))" } ?? ""
        let names = item.fineTunes.map(\.rawValue).joined(separator: ", ")
        let label = "  \(mark.symbol) \(item.action.word)\(note)  "
        var lines = TextWrap.hanging(label, "\(names) -> \(item.destination)", width: width)
        let head = lines[0].prefix(label.count)
        lines[0] = style.text(String(head), mark.color) + lines[0].dropFirst(head.count)
        return lines + details(item)
    }

    /// What stands in brackets behind the action: what blocks it, or the rows that came and went.
    private static func note(_ item: PlanItem) -> String? {
        if case .blocked(let block) = item.action { block.kind.rawValue } else { item.rowDifference.flatMap(rows) }
    }

    private func details(_ item: PlanItem) -> [String] {
        let remarks = Self.remarks(item)
        let fields = item.reasons.map { (TerminalText.line($0.field), Self.change($0)) } + remarks
        let column = (fields.map { DisplayWidth.of($0.0) }.max() ?? 0) + 2
        return fields.flatMap { field, text in
            TextWrap.hanging(
                "      " + DisplayWidth.padded(field, to: min(column, 30)),
                TerminalText.line(text),
                width: width
            )
        }
    }

    private static func change(_ reason: Reason) -> String {
        switch (reason.old, reason.new) {
        case (let old?, let new?): "\(old) -> \(new)"
        case (nil, let new?): new
        case (let old?, nil): "\(old) -> none"
        case (nil, nil): "changed"
        }
    }

    /// `+120 -3 rows`; nothing where no row came or went.
    private static func rows(_ difference: RowDifference) -> String? {
        var parts: [String] = []
        if difference.added > 0 { parts.append("+\(Figures.count(difference.added))") }
        if difference.removed > 0 { parts.append("-\(Figures.count(difference.removed))") }
        guard !parts.isEmpty else { return nil }
        let isOne = difference.added + difference.removed == 1
        return parts.joined(separator: " ") + (isOne ? " row" : " rows")
    }

    private static func remarks(_ item: PlanItem) -> [(String, String)] {
        switch item.action {
        case .create, .update: estimate(item)
        case .reuse(let source): [("from", from(source))]
        case .evaluate(let version), .configure(let version): [("version", name(version))]
        case .upToDate: []
        case .inProgress(let progress): inProgress(progress, item.fineTunes)
        case .unknown(let unknown): self.unknown(unknown, item.fineTunes)
        case .failed(let failed): self.failed(failed, estimate(item))
        case .drifted(let drift): [("version", name(drift.version)), ("because", drift.reason)]
        case .orphaned(let versions): orphaned(versions)
        case .blocked(let block): blocked(block)
        }
    }

    private static func estimate(_ item: PlanItem) -> [(String, String)] {
        item.estimate.map { [("estimate", EstimateText.line($0, rows: item.request.inputs.trainRows))] } ?? []
    }

    private static func from(_ source: Action.ReuseSource) -> String {
        switch source {
        case .published(let version): "\(name(version)), trained already"
        case .trained(let version): "\(version.id.short), trained and not yet published"
        case .stored(let version): "\(version.id.short), trained on this machine for another repository"
        case .plan(let model): "\(model), trained in this plan"
        }
    }

    private static func name(_ version: VersionRecord) -> String {
        "\(version.label) (\(version.id.short))"
    }

    private static func blocked(_ block: Action.Block) -> [(String, String)] {
        [("because", block.reason)] + place(block)
    }

    private static func place(_ block: Action.Block) -> [(String, String)] {
        block.range.map { [("at", "\($0.file):\($0.start.line)")] } ?? []
    }

    private static func inProgress(_ progress: Action.Progress, _ names: [ResourceName]) -> [(String, String)] {
        let holder = progress.isOwn ? "this machine (\(progress.host))" : progress.host
        var remarks = [("state", "\(progress.state.rawValue), held by \(holder)")]
        switch progress.request {
        case .cancel: remarks.append(("asked", "to be cancelled"))
        case .pause(let person): remarks.append(("asked", "to be paused, by \(person)"))
        case nil: break
        }
        if let since = progress.since { remarks.append(("since", "\(Figures.minute(since)) UTC")) }
        if let until = progress.until { remarks.append(("until", "\(Figures.minute(until)) UTC")) }
        switch (progress.state, progress.request) {
        case (_, .pause): remarks += names.first.map { [("next", "ftops resume \($0)")] } ?? []
        case (.paused, nil):
            remarks.append(("next", progress.isOwn ? "ftops apply" : "ftops apply on \(progress.host)"))
        default: break
        }
        return remarks
    }

    private static func unknown(_ unknown: Action.Unknown, _ names: [ResourceName]) -> [(String, String)] {
        let asked = "\(unknown.backend.rawValue) was asked, and nobody can say whether it took the run"
        return [("because", asked), ("since", "\(Figures.minute(unknown.since)) UTC")]
            + (names.first.map { [("next", "ftops resolve \($0)")] } ?? [])
    }

    private static func orphaned(_ versions: [VersionRecord]) -> [(String, String)] {
        let shown = versions.prefix(3).map(name) + (versions.count > 3 ? ["and \(versions.count - 3) more"] : [])
        return [("because", "no fine-tune asks for it"), ("versions", shown.joined(separator: ", "))]
    }

    private static func failed(_ failed: Action.Failed, _ estimate: [(String, String)]) -> [(String, String)] {
        let told = [
            ("class", failed.failure.kind),
            ("because", failed.failure.message),
            ("attempts", "\(failed.attempts)" + (failed.cost.map { ", \(Figures.money($0))" } ?? "")),
        ].filter { !$0.1.isEmpty }
        if let block = failed.block {
            return told + estimate + [("retry", "blocked (\(block.kind.rawValue)): \(block.reason)")] + place(block)
        }
        return told + estimate + [("next", "ftops apply --retry-failed")]
    }
}

// MARK: - Summary

extension PlanText {
    private func summary(isAllCurrent: Bool) -> [String] {
        if plan.items.isEmpty { return ["Nothing to do: no fine-tune asks for anything."] }
        if isAllCurrent {
            let count = plan.items.reduce(0) { $0 + $1.fineTunes.count }
            return ["Nothing to do: \(count == 1 ? "the fine-tune is" : "all \(count) fine-tunes are") up-to-date."]
        }
        var parts = [
            "\(plan.items.count { $0.action.isTraining }) to train", "\(plan.count("reuse")) to reuse",
            "\(plan.count("evaluate")) to evaluate", "\(plan.count("up-to-date")) up-to-date",
        ]
        let others = ["configure", "in-progress", "unknown", "failed", "drifted", "orphaned", "blocked"]
        for word in others where plan.count(word) > 0 {
            parts.append("\(plan.count(word)) \(word == "configure" ? "to configure" : word)")
        }
        let wrapped = TextWrap.wrap("Plan: \(parts.joined(separator: ", ")).", width: width)
        return wrapped.map { style.text($0, .bold) } + total
    }

    /// Time and cost of all trainings, one after another, where there are several and all are known.
    private var total: [String] {
        let estimates = plan.items.filter(\.action.isTraining).map(\.estimate)
        let seconds = estimates.compactMap { $0?.seconds }
        guard estimates.count > 1, seconds.count == estimates.count else { return [] }
        let costs = estimates.compactMap { $0?.cost }
        let cost = costs.count == estimates.count ? ", \(Figures.money(costs.reduce(.zero, +)))" : ""
        return ["All trainings: \(Figures.roughDuration(seconds.reduce(0, +)))\(cost)"]
    }
}

/// How an action is marked in plans and tables.
struct ActionMark {
    let symbol: String
    let color: TerminalStyle.Color

    init(_ action: Action) {
        (symbol, color) =
            switch action {
            case .create: ("+", .green)
            case .update: ("~", .yellow)
            case .reuse: ("=", .green)
            case .evaluate: ("?", .cyan)
            case .configure: ("*", .yellow)
            case .upToDate: (" ", .dim)
            case .inProgress: (">", .cyan)
            case .unknown: (">", .red)
            case .failed: ("!", .red)
            case .drifted: ("<", .yellow)
            case .orphaned: ("-", .dim)
            case .blocked: ("x", .red)
            }
    }
}
