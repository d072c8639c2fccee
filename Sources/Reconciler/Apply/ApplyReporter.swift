//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources
package import Runs

/// Where `apply` tells what is going on; the command line shows it as a bar or as lines.
package struct ApplyReporter {
    /// What whoever watches a training wants of it.
    package enum Wish: Hashable, Sendable {
        /// To go on watching it.
        case watch
        /// That it stops at a checkpoint.
        case pause
        /// To leave it running.
        case leave
    }

    /// Says something in a sentence.
    package var say: (String) -> Void
    /// Shows how far a run has come.
    package var progress: (ResourceName, TrainingSummary) -> Void
    /// Answers what is wanted of a training of this machine; asks, where somebody pressed Ctrl-C.
    package var wish: () -> Wish
    /// Answers whether to leave what cannot be paused, because somebody pressed Ctrl-C.
    package var shouldLeave: () -> Bool

    /// Makes a reporter.
    package init(
        say: @escaping (String) -> Void,
        progress: @escaping (ResourceName, TrainingSummary) -> Void,
        wish: @escaping () -> Wish,
        shouldLeave: @escaping () -> Bool
    ) {
        self.say = say
        self.progress = progress
        self.wish = wish
        self.shouldLeave = shouldLeave
    }
}
