//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// What went wrong with running a version.
package struct InferenceError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of failure, to branch on.
    package enum Code: Hashable, Sendable {
        /// The record does not say where the base comes from.
        case noBase
        /// The trainer could not answer.
        case trainer
    }

    /// The kind.
    package let code: Code
    /// What happened, to which thing, and what to do next; lower case, no full stop.
    package let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    package var description: String { message }
}
