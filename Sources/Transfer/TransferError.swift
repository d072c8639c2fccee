//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Why a transfer did not come to an answer.
package struct TransferError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure.
    package struct Code: RawRepresentable, Hashable, Sendable {
        /// The kind as a word.
        package let rawValue: String

        /// Makes a kind from its word.
        package init(rawValue: String) { self.rawValue = rawValue }

        /// A text that is no address, or one that is not served here.
        package static let badAddress = Code(rawValue: "bad-address")
        /// The server's certificate is not trusted.
        package static let certificate = Code(rawValue: "certificate")
        /// Anything that libcurl says and that has no kind of its own.
        package static let failed = Code(rawValue: "failed")
        /// The connection broke before the end.
        package static let interrupted = Code(rawValue: "interrupted")
        /// An address that is not public, nor allowed.
        package static let privateAddress = Code(rawValue: "private-address")
        /// A redirect that is not followed.
        package static let redirect = Code(rawValue: "redirect")
        /// Nothing came for too long.
        package static let timedOut = Code(rawValue: "timed-out")
        /// More than the limit.
        package static let tooLarge = Code(rawValue: "too-large")
        /// No such host, or nobody there.
        package static let unreachable = Code(rawValue: "unreachable")
    }

    /// The kind of failure.
    package let code: Code
    /// What happened, to which address, and what to do; lower case, no full stop, without secrets.
    package let message: String

    /// Makes an error.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    package var description: String { message }

    /// Whether the same request may well succeed a moment later.
    package var isPassing: Bool { [.interrupted, .timedOut, .unreachable].contains(code) }
}
