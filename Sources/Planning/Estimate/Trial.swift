//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// What a few steps of a training took, by which the whole of it is estimated.
package struct Trial: Hashable, Sendable {
    /// The steps that were taken.
    package var steps: Int
    /// Tokens a second over those steps.
    package var tokensPerSecond: Double
    /// Seconds that it took beside them: to load the base, to tokenise the rows, to validate.
    package var startup: Double

    /// Makes what a trial took.
    package init(steps: Int, tokensPerSecond: Double, startup: Double) {
        self.steps = steps
        self.tokensPerSecond = tokensPerSecond
        self.startup = startup
    }
}
