//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Guesses how many tokens a text has, from classes of characters, where no tokenizer is at hand.
package enum TokenEstimator {
    /// The estimated tokens of a text.
    package static func tokens(in text: String) -> Int {
        (text.utf8.count + 3) / 4
    }
}
