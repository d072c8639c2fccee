//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Why a value that planning needs cannot be had from what was asked for.
package struct PlanningError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A failure's kind, stable between releases.
    package struct Code: RawRepresentable, Hashable, Sendable {
        /// The word.
        package let rawValue: String
        /// Makes a code from its word.
        package init(rawValue: String) { self.rawValue = rawValue }

        /// A base model has no source that says which weights it is.
        package static let baseWithoutIdentity = Code(rawValue: "base-without-identity")
    }

    /// The kind of failure.
    package let code: Code
    /// What happened, to which thing, and what to do next.
    package let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    package var description: String { message }
}
