//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// What became of one item of a plan.
package struct ApplyOutcome: Hashable, Sendable {
    /// How it ended.
    package enum Result: Hashable, Sendable {
        /// Trained, reused or evaluated, and published.
        case done(VersionRecord)
        /// Ended without a version, with the failure's class.
        case failed(kind: String)
        /// Its training goes on, with what to type next.
        case running(String)
        /// Its training stopped at a checkpoint, with what to type next.
        case paused(String)
        /// Nothing was to be done, or nothing may be, with the reason.
        case skipped(String)
        /// Its turn never came, with the reason.
        case notStarted(String)
    }

    /// The fine-tunes that asked for it.
    package var fineTunes: [ResourceName]
    /// How it ended.
    package var result: Result
    /// Seconds that it took; nothing where nothing ran.
    package var seconds: Double?
    /// What it cost; nothing where nothing ran, or no price is known.
    package var cost: Money?

    /// Makes an outcome.
    package init(fineTunes: [ResourceName], result: Result, seconds: Double? = nil, cost: Money? = nil) {
        self.fineTunes = fineTunes
        self.result = result
        self.seconds = seconds
        self.cost = cost
    }
}

/// The table with which `apply` closes.
package enum ApplyTable {
    /// The table and a line of sums, as text that ends with a line feed.
    package static func render(_ outcomes: [ApplyOutcome], color: Bool = false, width: Int = 80) -> String {
        var table = TextTable([
            .init(title: "fine-tune", isFlexible: true), .init(title: "result"), .init(title: "", isFlexible: true),
            .init(title: "time", isNumeric: true), .init(title: "cost", isNumeric: true),
        ])
        table.rows = outcomes.map(row)
        let style = TerminalStyle(isColored: color)
        let lines = table.lines(width: width).enumerated().map { index, line in
            index == 0 ? style.text(line, .dim) : tinted(line, outcomes[index - 1], style)
        }
        let sums = TextWrap.wrap(sums(outcomes), width: width).map { style.text($0, .bold) }
        return (lines + [""] + sums).map { $0 + "\n" }.joined()
    }

    private static func row(_ outcome: ApplyOutcome) -> [String] {
        let names = outcome.fineTunes.map(\.rawValue).joined(separator: ", ")
        let time = outcome.seconds.map(Figures.duration) ?? "-"
        let cost = outcome.cost.map(Figures.money) ?? "-"
        return [names, word(outcome.result), detail(outcome.result), time, cost]
    }

    private static func word(_ result: ApplyOutcome.Result) -> String {
        switch result {
        case .done: "done"
        case .failed: "failed"
        case .running: "running"
        case .paused: "paused"
        case .skipped: "skipped"
        case .notStarted: "not started"
        }
    }

    private static func detail(_ result: ApplyOutcome.Result) -> String {
        switch result {
        case .done(let version):
            "\(version.label) (\(version.id.short))" + (version.meetsGate ? "" : ", gate not met")
        case .failed(let kind): kind
        case .running(let reason), .paused(let reason), .skipped(let reason), .notStarted(let reason): reason
        }
    }

    private static func tinted(_ line: String, _ outcome: ApplyOutcome, _ style: TerminalStyle) -> String {
        switch outcome.result {
        case .done: style.text(line, .green)
        case .failed: style.text(line, .red)
        case .running, .paused: style.text(line, .cyan)
        case .skipped, .notStarted: line
        }
    }

    private static func sums(_ outcomes: [ApplyOutcome]) -> String {
        let words = ["done", "failed", "running", "paused", "skipped", "not started"]
        let counts = words.compactMap { word in
            let count = outcomes.count { self.word($0.result) == word }
            return count > 0 ? "\(count) \(word)" : nil
        }
        var parts = counts.isEmpty ? ["nothing done"] : counts
        let seconds = outcomes.compactMap(\.seconds)
        if !seconds.isEmpty { parts.append(Figures.duration(seconds.reduce(0, +))) }
        let costs = outcomes.compactMap(\.cost)
        // A sum that leaves out what took time and has no price would be wrong.
        if !costs.isEmpty, outcomes.allSatisfy({ $0.cost != nil || $0.seconds == nil }) {
            parts.append(Figures.money(costs.reduce(.zero, +)))
        }
        return "Applied: \(parts.joined(separator: ", "))."
    }
}
