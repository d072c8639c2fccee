//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Reports
internal import Runs

extension TrainingProgress {
    /// What a run's events say of its progress.
    init(_ summary: TrainingSummary) {
        let phase: Phase =
            switch summary.phase {
            case .starting, .preparing: .starting
            case .training: summary.step.map { $0.step >= $0.steps } == true ? .evaluating : .training
            // Where it stood, until another attempt starts there or the run ends.
            case .stopped, .failed: summary.step == nil ? .starting : .training
            case .completed: .publishing
            }
        let step = summary.step
        let activity: String? = if case .preparing(let message) = summary.phase { message } else { nil }
        self.init(
            phase: phase,
            activity: activity,
            step: step?.step ?? 0,
            steps: step?.steps ?? summary.started?.steps,
            epoch: step?.epoch,
            epochs: summary.started.map { Int($0.epochs.rounded(.up)) },
            loss: step?.loss,
            tokensPerSecond: step?.tokensPerSecond,
            secondsLeft: Self.left(summary)
        )
    }

    private static func left(_ summary: TrainingSummary) -> Double? {
        guard let step = summary.step, let started = summary.started, let speed = step.tokensPerSecond, speed > 0,
            step.steps > 0
        else { return nil }
        let all = Double(started.tokens) * max(started.epochs, 1)
        return max(0, all * Double(step.steps - step.step) / Double(step.steps) / speed)
    }
}
