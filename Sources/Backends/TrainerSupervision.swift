//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import POSIX
package import Resources
package import Runs

/// Decides what a supervisor does about a run's trainer: a pure state machine, fed with what happened and returning what
/// to do. Whoever performs the actions tells it how each went.
package struct TrainerSupervision: Hashable, Sendable {
    /// What happened.
    package enum Event: Hashable, Sendable {
        /// `trainer.lock` was tried for.
        case lock(isTaken: Bool)
        /// `done` was read, under the lock.
        case done(Done.Outcome?)
        /// The lock of a device is held.
        case device
        /// The trainer runs.
        case spawned
        /// The trainer has reached a step.
        case reached(step: Int)
        /// Somebody wants the training to stop.
        case stopWanted
        /// The time is over that a trainer has to stop in.
        case graceOver
        /// The trainer's process ended, leaving this.
        case ended(ProcessEnd, Remains)
    }

    /// What a trainer's process leaves at its end.
    package struct Remains: Hashable, Sendable {
        /// The class and message of the `failed` event of this process, if it wrote one.
        package var failure: Failure?
        /// The digest of the files in `output`, if there are any and the trainer told that they are whole.
        package var output: ContentDigest?
        /// The end of what it printed.
        package var log: String

        /// Makes remains.
        package init(failure: Failure? = nil, output: ContentDigest? = nil, log: String = "") {
            self.failure = failure
            self.output = output
            self.log = log
        }
    }

    /// A failure by the trainer's own word.
    package struct Failure: Hashable, Sendable {
        /// The class.
        package var kind: String
        /// What happened.
        package var message: String

        /// Makes a failure.
        package init(kind: String, message: String) {
            self.kind = kind
            self.message = message
        }
    }

    /// What to do.
    package enum Action: Hashable, Sendable {
        /// End the trainer that holds `trainer.lock`, and try for the lock until it is taken.
        case endPrevious
        /// Read `done`.
        case readDone
        /// Take the lock of a device, and wait for it.
        case takeDevice
        /// Start the trainer; again, because of this, where there is a reason.
        case spawn(again: String?)
        /// Ask the trainer to stop at a checkpoint.
        case terminate
        /// End the trainer without asking.
        case kill
        /// Write `done`.
        case write(Done.Outcome, ProcessEnd)
        /// All is over.
        case finish(TrainerOutcome)
    }

    private enum State: Hashable, Sendable {
        case locking
        case reading
        case waiting
        case starting
        case running
        case ended
    }

    /// How often a trainer that dies without getting further is started again.
    package static let restartLimit = 3
    /// The status of a trainer that stopped at a checkpoint as it was asked to.
    package static let stoppedStatus: Int32 = 75

    private var state = State.locking
    private var furthest: Int
    private var furthestAtDeath: Int
    private var deaths = 0
    private var isStopWanted = false

    /// Starts deciding about a run that has come to this step before.
    package init(furthest: Int = 0) {
        self.furthest = furthest
        furthestAtDeath = furthest
    }

    /// What to do about what happened.
    package mutating func on(_ event: Event) -> [Action] {
        switch (state, event) {
        case (_, .reached(let step)):
            furthest = max(furthest, step)
            return []
        case (_, .stopWanted): return stop()
        case (.locking, .lock(let isTaken)):
            guard isTaken else { return [.endPrevious] }
            state = .reading
            return [.readDone]
        case (.reading, .done(let outcome)): return read(outcome)
        case (.waiting, .device):
            state = .starting
            return [.spawn(again: nil)]
        case (.starting, .spawned):
            state = .running
            return isStopWanted ? [.terminate] : []
        case (.running, .graceOver): return [.kill]
        case (.running, .ended(let end, let remains)): return judge(end, remains)
        default: return []
        }
    }

    private mutating func stop() -> [Action] {
        guard !isStopWanted, state != .ended else { return [] }
        isStopWanted = true
        switch state {
        case .running: return [.terminate]
        case .waiting: return end(.stopped)
        case .locking, .reading, .starting, .ended: return []
        }
    }

    private mutating func read(_ outcome: Done.Outcome?) -> [Action] {
        switch outcome {
        case .completed(let digest): return end(.completed(digest))
        case .failed(let kind, let message): return end(.failed(kind: kind, message: message))
        case nil:
            if isStopWanted { return end(.stopped) }
            state = .waiting
            return [.takeDevice]
        }
    }

    private mutating func judge(_ end: ProcessEnd, _ remains: Remains) -> [Action] {
        switch end {
        case .exited(0): return complete(remains, end)
        case .exited(Self.stoppedStatus): return self.end(.stopped)
        case .exited(let code) where code <= 128: return fail(code, remains, end)
        // A shell says of a program that a signal ended: 128 and the signal.
        case .exited, .signaled: return die(end, remains)
        }
    }

    private mutating func complete(_ remains: Remains, _ end: ProcessEnd) -> [Action] {
        guard let digest = remains.output else {
            let message =
                "the trainer ended as if it were done but left no output, or did not tell that it completed"
                + Self.hint(remains)
            return record(.failed(kind: "trainer", message: message), end)
        }
        return record(.completed(digest), end)
    }

    private mutating func fail(_ code: Int32, _ remains: Remains, _ end: ProcessEnd) -> [Action] {
        if let failure = remains.failure { return record(.failed(kind: failure.kind, message: failure.message), end) }
        let message = "the trainer \(end) and did not say why" + Self.hint(remains)
        return record(.failed(kind: "trainer", message: message), end)
    }

    /// A trainer that is killed goes on from its checkpoint for as long as it gets further than it ever was.
    private mutating func die(_ end: ProcessEnd, _ remains: Remains) -> [Action] {
        if isStopWanted { return self.end(.stopped) }
        if furthest > furthestAtDeath { deaths = 0 }
        furthestAtDeath = furthest
        deaths += 1
        guard deaths <= Self.restartLimit else {
            let message = "the trainer \(end), \(deaths) times without getting past step \(furthest)"
            return record(.failed(kind: "crashed", message: message + Self.hint(remains)), end)
        }
        state = .starting
        return [.spawn(again: "the trainer \(end) at step \(furthest)")]
    }

    private mutating func record(_ outcome: Done.Outcome, _ end: ProcessEnd) -> [Action] {
        [.write(outcome, end)] + read(outcome)
    }

    private mutating func end(_ outcome: TrainerOutcome) -> [Action] {
        state = .ended
        return [.finish(outcome)]
    }

    private static func hint(_ remains: Remains) -> String {
        remains.log.isEmpty ? "" : "; train.log ends with: \(remains.log)"
    }
}
