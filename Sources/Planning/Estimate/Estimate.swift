//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// What a training is expected to take, before anything runs.
package struct Estimate: Hashable, Sendable {
    /// What time and cost are taken from.
    package enum Basis: Hashable, Sendable {
        /// Nothing is known of how fast the base trains there.
        case none
        /// The figures of the BaseModel.
        case stated
        /// So many versions of the same base on the same hardware.
        case learned(versions: Int)
        /// So many steps of this very training, which `apply --try` took.
        case tried(steps: Int)
        /// Another base's figures, scaled by the number of parameters.
        case scaled(from: ResourceName)
    }

    /// The least and the most that something may be.
    package struct Range<Value: Hashable & Sendable>: Hashable, Sendable {
        /// The least.
        package var low: Value
        /// The most.
        package var high: Value

        /// Makes a range.
        package init(low: Value, high: Value) {
            self.low = low
            self.high = high
        }
    }

    /// Data tokens over all epochs.
    package var tokens: Int
    /// Whether the base's own tokenizer counted them; else they are estimated.
    package var areTokensCounted = false
    /// Optimizer steps.
    package var steps: Int
    /// Whether the steps are counted; with packing they are estimated from the tokens.
    package var areStepsExact: Bool
    /// Into how many packs the rows of an epoch go; nothing where they are not packed.
    package var packs: Int?
    /// Seconds from asking to the end; nothing where the throughput is unknown.
    package var seconds: Double?
    /// The seconds that it took versions before; nothing where there are too few.
    package var secondsRange: Range<Double>?
    /// The cost; nothing where time or price is unknown.
    package var cost: Money?
    /// The cost of that range.
    package var costRange: Range<Money>?
    /// What time and cost are taken from.
    package var basis: Basis
    /// The bytes of memory that it takes of its device; nothing where size of base or device are unknown.
    package var memory: Int?

    /// Makes an estimate.
    package init(
        tokens: Int,
        steps: Int,
        areStepsExact: Bool,
        seconds: Double?,
        cost: Money?,
        basis: Basis = .none
    ) {
        self.tokens = tokens
        self.steps = steps
        self.areStepsExact = areStepsExact
        self.seconds = seconds
        self.cost = cost
        self.basis = basis
    }

    /// The part that the ledger keeps with each attempt.
    package var forLedger: RunEntry.Estimate { RunEntry.Estimate(minutes: seconds.map { $0 / 60 }, cost: cost) }
}
