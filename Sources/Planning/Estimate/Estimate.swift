//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// What a training is expected to take, before anything runs.
package struct Estimate: Hashable, Sendable {
    /// Data tokens over all epochs, estimated.
    package var tokens: Int
    /// Optimizer steps.
    package var steps: Int
    /// Whether the steps are counted; with packing they are estimated from the tokens.
    package var areStepsExact: Bool
    /// Seconds from asking to the end; nothing where the throughput is unknown.
    package var seconds: Double?
    /// The cost; nothing where time or price is unknown.
    package var cost: Money?

    /// Makes an estimate.
    package init(tokens: Int, steps: Int, areStepsExact: Bool, seconds: Double?, cost: Money?) {
        self.tokens = tokens
        self.steps = steps
        self.areStepsExact = areStepsExact
        self.seconds = seconds
        self.cost = cost
    }

    /// The part that the ledger keeps with each attempt.
    package var forLedger: RunEntry.Estimate { RunEntry.Estimate(minutes: seconds.map { $0 / 60 }, cost: cost) }
}
