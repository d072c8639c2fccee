//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX
internal import Reports
internal import Resources
internal import Runs

/// A run's progress and loss curve: drawn over in place on a terminal; elsewhere a line for each step that is new, and
/// the curve at the end.
final class AttachView {
    private let name: ResourceName
    private let console: Console
    private let drawsOver: Bool
    private let columns: Int
    private var drawn = 0
    private var told = ""

    init(_ name: ResourceName, console: Console) {
        self.name = name
        self.console = console
        drawsOver = console.drawsOver && Terminal.isTerminal(.output)
        columns = min(Terminal.columns(.output) ?? 80, 120)
    }

    func show(_ summary: TrainingSummary) {
        guard drawsOver else { return tell(summary) }
        draw([ProgressLine.bar(name.rawValue, TrainingProgress(summary), width: columns - 1), ""] + plot(summary))
    }

    /// The last picture, which stays.
    func finish(_ summary: TrainingSummary) {
        let last = [ProgressLine.plain(name.rawValue, TrainingProgress(summary)), ""] + plot(summary)
        guard drawsOver else { return console.output(last.map { $0 + "\n" }.joined()) }
        draw(last)
    }

    private func tell(_ summary: TrainingSummary) {
        let line = ProgressLine.plain(name.rawValue, TrainingProgress(summary))
        guard line != told else { return }
        told = line
        console.note(line)
    }

    private func draw(_ lines: [String]) {
        let back = drawn > 0 ? "\u{1B}[\(drawn)A" : ""
        // Each line ends by clearing what an earlier picture had there.
        let text = lines.map { "\u{1B}[K\($0)\n" }.joined()
        console.output(back + "\r" + text + "\u{1B}[J")
        drawn = lines.count
    }

    private func plot(_ summary: TrainingSummary) -> [String] {
        let curve = LossPlot.lines(
            summary.losses(),
            validation: summary.validation,
            steps: summary.step?.steps ?? summary.started?.steps,
            width: columns - 1
        )
        guard !curve.isEmpty else { return ["no step was taken yet"] }
        guard let first = summary.validation.first, let last = summary.validation.last else { return curve }
        let losses = first.step == last.step ? [first] : [first, last]
        let figures = losses.map { Figures.loss($0.loss) }.joined(separator: " -> ")
        return curve + ["\u{25CB} validation loss \(figures) at step \(Figures.count(last.step))"]
    }
}
