//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// What a training on rendered rows takes, counted by the base's own tokenizer.
package struct TokenCount: Hashable, Sendable {
    /// The rows that are trained.
    package var rows: Int
    /// The tokens of an epoch.
    package var tokens: Int
    /// Those of them that carry loss.
    package var labelTokens: Int
    /// The rows with nothing to learn, which are left out.
    package var rejected: Int
    /// The rows that are cut.
    package var truncated: Int
    /// What the first epoch is divided into: packs, or rows where they are not packed.
    package var units: Int
    /// The optimizer's steps of the whole training.
    package var steps: Int

    /// Makes a count.
    package init(
        rows: Int,
        tokens: Int,
        labelTokens: Int = 0,
        rejected: Int = 0,
        truncated: Int = 0,
        units: Int,
        steps: Int
    ) {
        self.rows = rows
        self.tokens = tokens
        self.labelTokens = labelTokens
        self.rejected = rejected
        self.truncated = truncated
        self.units = units
        self.steps = steps
    }
}
