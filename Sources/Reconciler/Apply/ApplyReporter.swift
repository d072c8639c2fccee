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
    /// Says something in a sentence.
    package var say: (String) -> Void
    /// Shows how far a run has come.
    package var progress: (ResourceName, TrainingSummary) -> Void
    /// Answers whether to stop watching, because somebody pressed Ctrl-C.
    package var shouldLeave: () -> Bool

    /// Makes a reporter.
    package init(
        say: @escaping (String) -> Void,
        progress: @escaping (ResourceName, TrainingSummary) -> Void,
        shouldLeave: @escaping () -> Bool
    ) {
        self.say = say
        self.progress = progress
        self.shouldLeave = shouldLeave
    }
}
