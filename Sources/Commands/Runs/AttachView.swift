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

/// A run's progress, loss curve and last answers: drawn over in place on a terminal; elsewhere a line for each step and
/// each answer that is new, and the whole at the end.
final class AttachView {
    private let name: ResourceName
    private let console: Console
    private let drawsOver: Bool
    private let columns: Int
    private var drawn = 0
    private var told = ""
    private var answers: [Int: String] = [:]

    init(_ name: ResourceName, console: Console) {
        self.name = name
        self.console = console
        drawsOver = console.drawsOver && Terminal.isTerminal(.output)
        columns = min(Terminal.columns(.output) ?? 80, 120)
    }

    func show(_ summary: TrainingSummary) {
        guard drawsOver else { return tell(summary) }
        let bar = ProgressLine.bar(name.rawValue, TrainingProgress(summary), width: columns - 1)
        draw([bar, ""] + plot(summary) + samples(summary))
    }

    /// The last picture, which stays.
    func finish(_ summary: TrainingSummary) {
        let line = ProgressLine.plain(name.rawValue, TrainingProgress(summary))
        let last = [line, ""] + plot(summary) + samples(summary)
        guard drawsOver else { return console.output(last.map { $0 + "\n" }.joined()) }
        draw(last)
    }

    private func tell(_ summary: TrainingSummary) {
        let line = ProgressLine.plain(name.rawValue, TrainingProgress(summary))
        if line != told {
            told = line
            console.note(line)
        }
        for sample in summary.samples where answers[sample.index] != sample.answer {
            answers[sample.index] = sample.answer
            let text = SampleText.plain(prompt: sample.prompt, answer: sample.answer)
            console.note("answer after step \(Figures.count(sample.step)): \(text)")
        }
    }

    private func draw(_ lines: [String]) {
        let back = drawn > 0 ? "\u{1B}[\(drawn)A" : ""
        // Each line ends by clearing what an earlier picture had there.
        let text = lines.map { "\u{1B}[K\($0)\n" }.joined()
        console.output(back + "\r" + text + "\u{1B}[J")
        drawn = lines.count
    }

    /// Each prompt with what is answered to it by now; no more of them than a small terminal has room for.
    private func samples(_ summary: TrainingSummary) -> [String] {
        guard let step = summary.samples.map(\.step).max() else { return [] }
        return ["", "answers after step \(Figures.count(step))"]
            + summary.samples.prefix(3).flatMap {
                SampleText.lines(prompt: $0.prompt, answer: $0.answer, width: columns - 1)
            }
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
