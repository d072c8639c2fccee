//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources
package import Runs

/// Where runs happen.
package protocol Backend {
    /// Starts or resumes a prepared run, or finds that it has ended, and sees it to its end. Whoever calls holds the
    /// run's `run.lock`.
    ///
    /// `notify` is told what happens. `shouldStop` is asked about every second, and at each thing that happens; once it
    /// says yes, the training ends at a checkpoint.
    func carry(
        _ folder: RunFolder,
        notify: (TrainerNotice) -> Void,
        shouldStop: () -> Bool
    ) throws -> TrainerOutcome
}

/// How a training came to its end, or to a halt.
package enum TrainerOutcome: Hashable, Sendable {
    /// The weights are in the run's folder; the digest is that of their files.
    case completed(ContentDigest)
    /// It was stopped, and can be resumed from its last checkpoint.
    case stopped
    /// It failed for good, by the trainer's own word or because it cannot be kept alive.
    case failed(kind: String, message: String)
}

/// What happens on the way, for progress and logs.
package enum TrainerNotice: Hashable, Sendable {
    /// A trainer of a supervisor that is gone was found and is being ended.
    case endingPrevious
    /// The devices are in use by other runs, for so long since one was first asked for.
    case waiting([Device], Duration)
    /// The trainer was started, for the first time or again.
    case spawned(pid: Int32)
    /// The trainer died and is started again, because of this.
    case restarting(String)
    /// The trainer told something.
    case event(TimedEvent)
}
