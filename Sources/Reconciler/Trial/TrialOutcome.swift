//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Planning
package import Resources
package import Runs

/// What came of trying an item of a plan.
package struct TrialOutcome: Sendable {
    /// How it ended.
    package enum Result: Sendable {
        /// It took its steps.
        case tried(Trial, TrainingSummary)
        /// The trainer failed, with the class and what happened.
        case failed(kind: String, message: String)
        /// There was nothing to try, or it cannot be tried; why.
        case skipped(String)
        /// Somebody stopped it.
        case stopped
    }

    /// The fine-tunes that ask for the training.
    package let fineTunes: [ResourceName]
    /// How it ended.
    package let result: Result
    /// What the whole training was expected to take before.
    package let before: Estimate?
    /// What the whole training is expected to take by what was measured.
    package let estimate: Estimate?
}
