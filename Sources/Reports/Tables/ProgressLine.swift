//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// How far a training has come.
package struct TrainingProgress: Hashable, Sendable {
    /// What a run is busy with.
    package enum Phase: String, Hashable, Sendable {
        case waiting
        case starting
        case training
        case evaluating
        case publishing
    }

    /// What the run is busy with.
    package var phase: Phase
    /// What that is at this moment, in the trainer's words.
    package var activity: String?
    /// For how many seconds it has been at it.
    package var elapsed: Double?
    /// Optimizer steps taken.
    package var step: Int
    /// All steps; nothing while unknown.
    package var steps: Int?
    /// Epochs begun, as a fraction of the present one is done.
    package var epoch: Double?
    /// All epochs.
    package var epochs: Int?
    /// The last loss.
    package var loss: Double?
    /// Tokens a second.
    package var tokensPerSecond: Double?
    /// Seconds until the training ends.
    package var secondsLeft: Double?

    /// Makes a state of a training.
    package init(
        phase: Phase,
        activity: String? = nil,
        elapsed: Double? = nil,
        step: Int = 0,
        steps: Int? = nil,
        epoch: Double? = nil,
        epochs: Int? = nil,
        loss: Double? = nil,
        tokensPerSecond: Double? = nil,
        secondsLeft: Double? = nil
    ) {
        self.phase = phase
        self.activity = activity
        self.elapsed = elapsed
        self.step = step
        self.steps = steps
        self.epoch = epoch
        self.epochs = epochs
        self.loss = loss
        self.tokensPerSecond = tokensPerSecond
        self.secondsLeft = secondsLeft
    }
}

/// A training's progress in one line: a bar for a terminal, words for a log.
package enum ProgressLine {
    /// A line with a bar, at most so wide, without a line feed.
    ///
    /// What does not fit is left out, the least important first; the bar takes the room that is left.
    package static func bar(_ name: String, _ progress: TrainingProgress, width: Int = 80) -> String {
        let label = DisplayWidth.truncated(TerminalText.line(name), to: max(8, width / 4))
        guard progress.phase == .training, let steps = progress.steps, steps > 0 else {
            return DisplayWidth.truncated("\(label)  \(words(progress))", to: width)
        }
        var facts = [
            "\(progress.step)/\(steps)", epoch(progress), progress.loss.map { "loss \(Figures.loss($0))" },
            progress.tokensPerSecond.map { "\(rate($0)) tok/s" },
            progress.secondsLeft.map { "\(Figures.duration($0.rounded())) left" },
        ]
        func shown() -> [String] { facts.compactMap { $0 } }
        func room() -> Int { width - DisplayWidth.of(label) - shown().reduce(0) { $0 + DisplayWidth.of($1) + 2 } - 4 }
        // Epoch, speed, loss and the time that is left go in this order.
        for index in [1, 3, 2, 4] where room() < 4 { facts[index] = nil }
        let share = Double(min(max(progress.step, 0), steps)) / Double(steps)
        let meter = room() >= 4 ? ["[\(bar(share, columns: min(room(), 30)))]"] : []
        return DisplayWidth.truncated(([label] + meter + shown()).joined(separator: "  "), to: width)
    }

    /// The same in words, for a log.
    package static func plain(_ name: String, _ progress: TrainingProgress) -> String {
        let label = TerminalText.line(name)
        guard progress.phase == .training else { return "\(label): \(words(progress))" }
        let facts = [
            "step \(progress.step)" + (progress.steps.map { " of \($0)" } ?? ""), epoch(progress),
            progress.loss.map { "loss \(Figures.loss($0))" },
            progress.tokensPerSecond.map { "\(rate($0)) tokens/s" },
            progress.secondsLeft.map { "\(Figures.duration($0.rounded())) left" },
        ].compactMap { $0 }
        return "\(label): \(facts.joined(separator: ", "))"
    }

    /// What it does, and for how long already, by which a reader sees that it is alive.
    private static func words(_ progress: TrainingProgress) -> String {
        let words = progress.activity.map(TerminalText.line) ?? word(progress.phase)
        guard let elapsed = progress.elapsed, elapsed >= 1 else { return words }
        return "\(words) (\(Figures.duration(elapsed.rounded())))"
    }

    private static func word(_ phase: TrainingProgress.Phase) -> String {
        switch phase {
        case .waiting: "waiting for the device"
        case .starting: "getting ready"
        case .training: "training"
        case .evaluating: "evaluating base and version"
        case .publishing: "committing the version"
        }
    }

    private static func rate(_ rate: Double) -> String { Int(exactly: rate.rounded()).map { Figures.count($0) } ?? "-" }

    private static func epoch(_ progress: TrainingProgress) -> String? {
        progress.epoch.map { "epoch \(Figures.fixed($0, places: 1))" + (progress.epochs.map { "/\($0)" } ?? "") }
    }

    private static func bar(_ share: Double, columns: Int) -> String {
        let filled = Int((share * Double(columns)).rounded(.down))
        let head = filled < columns ? ">" : ""
        let rest = String(repeating: " ", count: max(0, columns - filled - 1))
        return String(repeating: "=", count: filled) + head + rest
    }
}
