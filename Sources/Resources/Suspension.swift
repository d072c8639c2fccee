//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Why nothing is done for a fine-tune, or for a whole repository, and until when.
package struct Suspension: Hashable, Sendable {
    /// Why, for people.
    package var reason: String
    /// When it ends by itself; never where absent.
    package var until: Timestamp?

    /// Makes a suspension.
    package init(reason: String, until: Timestamp? = nil) {
        self.reason = reason
        self.until = until
    }

    /// Whether it has not ended yet.
    package func holds(at now: Timestamp) -> Bool { until.map { now < $0 } ?? true }
}
