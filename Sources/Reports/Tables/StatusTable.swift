//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Planning
internal import Resources

/// A run as `status` shows it.
package struct RunStatus: Hashable, Sendable {
    /// The run's id.
    package var run: RunID
    /// Its entry in the ledger.
    package var entry: RunEntry
    /// How far it has come, where this machine can see that.
    package var progress: TrainingProgress?

    /// Makes a run's status.
    package init(run: RunID, entry: RunEntry, progress: TrainingProgress? = nil) {
        self.run = run
        self.entry = entry
        self.progress = progress
    }
}

/// The ledger's runs in a table.
package enum StatusTable {
    /// The runs, and behind them why those failed that did, as text that ends with a line feed.
    package static func render(_ runs: [RunStatus], color: Bool = false, width: Int = 80) -> String {
        var table = TextTable([
            .init(title: "run"), .init(title: "fine-tune", isFlexible: true), .init(title: "state"),
            .init(title: "on", isFlexible: true), .init(title: "", isFlexible: true),
            .init(title: "cost", isNumeric: true),
        ])
        table.rows = runs.map(row)
        let style = TerminalStyle(isColored: color)
        let lines = table.lines(width: width, indent: 0).enumerated().map { index, line in
            style.text(line, index == 0 ? .dim : self.color(runs[index - 1].entry.state))
        }
        let reasons = runs.compactMap { reason($0, width: width) }.flatMap { [""] + $0 }
        return (lines + reasons).map { $0 + "\n" }.joined()
    }

    private static func reason(_ status: RunStatus, width: Int) -> [String]? {
        guard status.entry.state == .failed, let message = status.entry.failure?.message, !message.isEmpty else {
            return nil
        }
        return TextWrap.hanging("\(status.run.rawValue)  ", message, width: width)
    }

    private static func row(_ status: RunStatus) -> [String] {
        let entry = status.entry
        let costs = entry.attempts.compactMap(\.cost)
        return [
            status.run.rawValue, entry.fineTunes.map(\.rawValue).joined(separator: ", "),
            state(entry), entry.holder.host, detail(status),
            costs.isEmpty ? "-" : Figures.money(costs.reduce(.zero, +)),
        ]
    }

    private static func state(_ entry: RunEntry) -> String {
        switch entry.request {
        case .cancel: "cancelling"
        case .pause where entry.state != .paused: "pausing"
        case .pause, nil: entry.state.rawValue
        }
    }

    private static func detail(_ status: RunStatus) -> String {
        let entry = status.entry
        switch entry.state {
        case .paused: return paused(entry, status.progress)
        case .claimed, .started:
            if let progress = status.progress { return words(progress) }
            return entry.holder.until.map { "until \(Figures.minute($0))" } ?? ""
        case .trained: return "to be published"
        case .published:
            guard let version = entry.version else { return "" }
            return version.label
        case .failed: return entry.failure?.kind ?? ""
        }
    }

    /// By whom and since when; one that nobody asked for in the ledger was paused at its machine.
    private static func paused(_ entry: RunEntry, _ progress: TrainingProgress?) -> String {
        let step = progress.map { "step \($0.step)\($0.steps.map { "/\($0)" } ?? "")" }
        let since = entry.pausedSince.map { "since \(Figures.minute($0))" }
        return [entry.pausedBy.map { "by \($0)" }, since, step].compactMap { $0 }.joined(separator: ", ")
    }

    private static func words(_ progress: TrainingProgress) -> String {
        guard progress.phase == .training else { return progress.phase.rawValue }
        let steps = "step \(progress.step)" + (progress.steps.map { "/\($0)" } ?? "")
        return steps + (progress.secondsLeft.map { ", \(Figures.duration($0.rounded())) left" } ?? "")
    }

    private static func color(_ state: RunEntry.State) -> TerminalStyle.Color {
        switch state {
        case .claimed, .started, .paused: .cyan
        case .trained, .published: .green
        case .failed: .red
        }
    }
}
