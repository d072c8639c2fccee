//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// What the events of a run amount to so far, over all its starts and restarts.
package struct TrainingSummary: Hashable, Sendable {
    /// How far the run has come by its events.
    package enum Phase: Hashable, Sendable {
        /// Nothing was told yet: the trainer loads the base and the rows.
        case starting
        /// It does what takes long before the first step; what, in words.
        case preparing(String)
        /// It takes steps.
        case training
        /// The weights are there.
        case completed
        /// It ended at a checkpoint.
        case stopped
        /// It failed.
        case failed(kind: String, message: String)
    }

    /// How far it has come.
    package private(set) var phase: Phase = .starting
    /// The last start.
    package private(set) var started: TrainerEvent.Started?
    /// When the first start was.
    package private(set) var begin: Timestamp?
    /// When the last event was.
    package private(set) var latest: Timestamp?
    /// The last step.
    package private(set) var step: TrainerEvent.Step?
    /// The last step that a checkpoint has.
    package private(set) var checkpoint: Int?
    /// The highest step that was ever reached, by which progress is told.
    package private(set) var furthest = 0
    /// How many times a trainer has started.
    package private(set) var starts = 0
    /// The last validation loss.
    package private(set) var validationLoss: Double?
    /// What was told at the end.
    package private(set) var completed: TrainerEvent.Completed?
    /// The validation losses over the steps.
    package private(set) var validation: [VersionRecord.LossPoint] = []
    /// What the model answered last to each prompt that it was asked, in the order of the prompts.
    package private(set) var samples: [TrainerEvent.Sample] = []
    private var curve: [VersionRecord.LossPoint] = []
    /// More prompts than a trainer asks, all of which are kept.
    private static let sampleLimit = 8

    /// Makes the summary of events.
    package init(_ events: [TimedEvent] = []) {
        for event in events { add(event) }
    }

    /// Adds the next event.
    package mutating func add(_ event: TimedEvent) {
        latest = event.time ?? latest
        switch event.event {
        case .preparing(let message): phase = .preparing(message)
        case .started(let started): start(started, at: event.time)
        case .step(let step): take(step)
        case .evaluation(let step, let loss, _): validate(step, loss)
        case .checkpoint(let step):
            checkpoint = step
            furthest = max(furthest, step)
        case .completed(let completed):
            self.completed = completed
            phase = .completed
        case .stopped: phase = .stopped
        case .failed(let kind, let message): phase = .failed(kind: kind, message: message)
        case .sample(let sample): take(sample)
        case .evaluating, .other: break
        }
    }

    private mutating func take(_ sample: TrainerEvent.Sample) {
        guard (0..<Self.sampleLimit).contains(sample.index) else { return }
        samples.removeAll { $0.index == sample.index }
        samples.insert(sample, at: samples.firstIndex { $0.index > sample.index } ?? samples.endIndex)
    }

    private mutating func start(_ started: TrainerEvent.Started, at time: Timestamp?) {
        self.started = started
        begin = begin ?? time
        starts += 1
        phase = .training
    }

    /// A trainer that resumes takes some steps again; only their last time counts.
    private mutating func take(_ step: TrainerEvent.Step) {
        phase = .training
        self.step = step
        furthest = max(furthest, step.step)
        while let last = curve.last, last.step >= step.step { curve.removeLast() }
        if let loss = step.loss { curve.append(VersionRecord.LossPoint(step: step.step, loss: loss)) }
    }

    private mutating func validate(_ step: Int, _ loss: Double?) {
        guard let loss else { return }
        validationLoss = loss
        while let last = validation.last, last.step >= step { validation.removeLast() }
        validation.append(VersionRecord.LossPoint(step: step, loss: loss))
    }

    /// The loss over the steps, thinned to at most so many points, the first and the last among them.
    package func losses(limit: Int = 200) -> [VersionRecord.LossPoint] {
        guard curve.count > limit, limit > 1 else { return curve }
        return (0..<limit).map { curve[$0 * (curve.count - 1) / (limit - 1)] }
    }

    /// The outcome for a version's record; nothing while the run has not completed.
    package var training: VersionRecord.Training? {
        guard let completed else { return nil }
        return VersionRecord.Training(
            steps: completed.steps,
            tokens: completed.tokens,
            seconds: completed.seconds,
            trainLoss: completed.trainLoss,
            validationLoss: completed.validationLoss ?? validationLoss,
            baseValidationLoss: completed.baseValidationLoss,
            keptStep: completed.keptStep == completed.steps ? nil : completed.keptStep,
            earlyStoppingStep: completed.earlyStoppingStep,
            peakMemory: completed.peakMemory,
            device: started?.device ?? "",
            dtype: completed.dtype ?? started?.dtype ?? "",
            threads: completed.threads ?? started?.threads ?? 0
        )
    }
}

extension RunFolder {
    /// What the run's events amount to so far.
    package func summary() throws -> TrainingSummary {
        var reader = EventReader(events)
        return TrainingSummary(try reader.next())
    }
}
