//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// What went wrong with the ledger, or with a file that ftops wrote.
package struct LedgerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure, by which callers tell what to do.
    package struct Code: RawRepresentable, Hashable, Sendable {
        /// The code's name.
        package let rawValue: String
        /// Makes a code from its name.
        package init(rawValue: String) { self.rawValue = rawValue }

        /// The ledger is not where it was, or is another one, although something was trained.
        package static let missing = Code(rawValue: "ledger-missing")
        /// A version's or a run's file that does not say what such a file says.
        package static let broken = Code(rawValue: "broken-file")
        /// A step that does not hold together, such as an entry under another run's fingerprint.
        package static let badStep = Code(rawValue: "bad-step")
    }

    /// The kind of failure.
    package let code: Code
    /// What happened, to which thing, and what to do next.
    package let message: String

    /// Makes an error.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    package var description: String { message }
}
