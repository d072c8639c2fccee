//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Planning
package import Resources

/// What trying a training came to.
package struct TrialReport: Hashable, Sendable {
    /// What was measured.
    package struct Figures: Hashable, Sendable {
        /// The steps, and how fast they were.
        package var trial: Trial
        /// The loss of the first step.
        package var firstLoss: Double?
        /// The loss of the last step.
        package var lastLoss: Double?
        /// The most memory that the trainer had, in bytes.
        package var peakMemory: Int?

        /// Makes figures.
        package init(trial: Trial, firstLoss: Double?, lastLoss: Double?, peakMemory: Int?) {
            self.trial = trial
            self.firstLoss = firstLoss
            self.lastLoss = lastLoss
            self.peakMemory = peakMemory
        }
    }

    /// The fine-tunes that ask for the training.
    package var fineTunes: [ResourceName]
    /// What was measured; nothing where it did not come to that.
    package var figures: Figures?
    /// What the whole training is expected to take, by what was measured where it was.
    package var estimate: Estimate?
    /// Why nothing was measured.
    package var reason: String

    /// Makes a report.
    package init(fineTunes: [ResourceName], figures: Figures?, estimate: Estimate?, reason: String = "") {
        self.fineTunes = fineTunes
        self.figures = figures
        self.estimate = estimate
        self.reason = reason
    }
}

/// The table with which `apply --try` closes.
package enum TrialTable {
    /// The table as text that ends with a line feed.
    package static func render(_ trials: [TrialReport], color: Bool = false, width: Int = 80) -> String {
        var table = TextTable([
            .init(title: "fine-tune", isFlexible: true), .init(title: "steps", isNumeric: true),
            .init(title: "loss"), .init(title: "tokens/s", isNumeric: true), .init(title: "memory", isNumeric: true),
            .init(title: "the whole training", isFlexible: true),
        ])
        table.rows = trials.map(row)
        let style = TerminalStyle(isColored: color)
        let lines = table.lines(width: width).enumerated().map { index, line in
            if index == 0 { return style.text(line, .dim) }
            return trials[index - 1].figures == nil ? style.text(line, .red) : line
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func row(_ trial: TrialReport) -> [String] {
        let names = trial.fineTunes.map(\.rawValue).joined(separator: ", ")
        guard let figures = trial.figures else { return [names, "-", "-", "-", "-", trial.reason] }
        let losses = [figures.firstLoss, figures.lastLoss].compactMap { $0 }.map(Figures.loss)
        let whole = trial.estimate.map { estimate in
            [EstimateText.time(estimate), EstimateText.cost(estimate)].compactMap { $0 }.joined(separator: ", ")
        }
        return [
            names, Figures.count(figures.trial.steps), losses.isEmpty ? "-" : losses.joined(separator: " -> "),
            Figures.count(Int(figures.trial.tokensPerSecond.rounded())),
            figures.peakMemory.map(Figures.bytes) ?? "-", whole ?? "-",
        ]
    }
}
