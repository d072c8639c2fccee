//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// Whether a plan counts tokens by the base's own tokenizer, and who is told how far it is.
package struct Counting: Sendable {
    /// How much time counting may take.
    package enum Allowance: Hashable, Sendable {
        /// None: what is known from earlier plans is all.
        case nothing
        /// So many seconds of a plan; what would take longer stays estimated.
        case seconds(Int)
        /// Whatever it takes.
        case everything
    }

    /// How far a count is.
    package struct Progress: Hashable, Sendable {
        /// The fine-tune whose rows are counted.
        package let fineTune: ResourceName
        /// The bytes that have been counted.
        package let read: Int
        /// All bytes.
        package let size: Int
        /// Whether it has ended, well or not.
        package let isOver: Bool
    }

    /// How much time it may take.
    package var allowance = Allowance.seconds(30)
    /// Is told how far it is.
    package var onProgress: @Sendable (Progress) -> Void = { _ in }

    /// Counts for half a minute at most, and tells nobody.
    package init() {}
}
