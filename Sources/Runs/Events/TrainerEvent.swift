//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// What the trainer tells in `events.jsonl`.
package enum TrainerEvent: Hashable, Sendable {
    /// Something takes long before the training begins, such as to convert the base; what, in words.
    case preparing(message: String)
    /// The training begins, or goes on.
    case started(Started)
    /// One optimizer step was taken.
    case step(Step)
    /// The validation rows were measured.
    case evaluation(step: Int, loss: Double?, tokens: Int)
    /// Base or version is judged, and has come so far.
    case evaluating(Evaluating)
    /// What the model answers to one of the evaluation's prompts by now.
    case sample(Sample)
    /// All is on the disk that a restart needs.
    case checkpoint(step: Int)
    /// The weights are there.
    case completed(Completed)
    /// It ended at a checkpoint, because it was asked to.
    case stopped(step: Int)
    /// It failed.
    case failed(kind: String, message: String)
    /// One that this ftops does not know, by its name.
    case other(String)

    /// What is known when a training begins.
    package struct Started: Hashable, Sendable {
        /// The device's kind.
        package var device: String
        /// The dtype that the base computes in.
        package var dtype: String
        /// Threads that compute.
        package var threads: Int
        /// Optimizer steps in all.
        package var steps: Int
        /// Epochs.
        package var epochs: Double
        /// Rows to train on.
        package var rows: Int
        /// Rows to validate on.
        package var validationRows: Int
        /// Tokens of an epoch.
        package var tokens: Int
        /// Tokens of an epoch that are learned.
        package var labelTokens: Int
        /// Rows that were left out, such as those longer than the context.
        package var rejected: Int
        /// Versions of the trainer and its libraries.
        package var versions: [String: String]
        /// The step of the checkpoint that it goes on from.
        package var resumedFrom: Int?
    }

    /// One optimizer step.
    package struct Step: Hashable, Sendable {
        /// Its number, from 1.
        package var step: Int
        /// Steps in all.
        package var steps: Int
        /// Epochs done, in parts.
        package var epoch: Double
        /// The loss, a mean over label tokens.
        package var loss: Double?
        /// The learning rate.
        package var learningRate: Double?
        /// The gradient's norm before clipping.
        package var gradientNorm: Double?
        /// Tokens trained on so far.
        package var tokens: Int
        /// Tokens a second.
        package var tokensPerSecond: Double?
    }

    /// How far an evaluation has come.
    package struct Evaluating: Hashable, Sendable {
        /// Which of both is judged: `base` or `version`.
        package var model: String
        /// At what it is: `losses` or `answers`.
        package var what: String
        /// How many there are.
        package var done: Int
        /// Of how many.
        package var total: Int

        /// Makes a step of an evaluation.
        package init(model: String, what: String, done: Int, total: Int) {
            self.model = model
            self.what = what
            self.done = done
            self.total = total
        }
    }

    /// An answer of a model while it trains.
    package struct Sample: Hashable, Sendable {
        /// The step that it was asked after.
        package var step: Int
        /// Which of the prompts it was.
        package var index: Int
        /// The prompt, or its end.
        package var prompt: String
        /// The answer as far as it went.
        package var answer: String

        /// Makes a sample.
        package init(step: Int, index: Int, prompt: String, answer: String) {
            self.step = step
            self.index = index
            self.prompt = prompt
            self.answer = answer
        }
    }

    /// What is known when the weights are there.
    package struct Completed: Hashable, Sendable {
        /// Optimizer steps.
        package var steps: Int
        /// Seconds of training.
        package var seconds: Double
        /// The last training loss.
        package var trainLoss: Double?
        /// The validation loss.
        package var validationLoss: Double?
        /// The base's validation loss.
        package var baseValidationLoss: Double?
        /// The step whose weights are kept.
        package var keptStep: Int?
        /// The step at which early stopping ended the training; nothing where it did not.
        package var earlyStoppingStep: Int?
        /// Tokens trained on.
        package var tokens: Int
        /// Tokens a second.
        package var tokensPerSecond: Double?
        /// The trainer's largest resident size.
        package var peakMemory: Int?
        /// The dtype that the base computed in.
        package var dtype: String?
        /// Threads that computed.
        package var threads: Int?
    }
}

/// An event and when it was told.
package struct TimedEvent: Hashable, Sendable {
    /// When; nothing where the line did not say.
    package var time: Timestamp?
    /// What.
    package var event: TrainerEvent

    /// Makes an event.
    package init(time: Timestamp? = nil, event: TrainerEvent) {
        self.time = time
        self.event = event
    }
}
