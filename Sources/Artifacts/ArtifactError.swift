//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// What went wrong with the store of artifacts.
package struct ArtifactError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of failure, to branch on.
    package enum Code: Hashable, Sendable {
        /// The store does not have the object.
        case missing
        /// The object's bytes are not what its name says.
        case damaged
        /// A file changed while it was stored.
        case changed
        /// A file's name would leave the folder that it belongs in.
        case name
        /// Where a file is to be copied to is something else.
        case occupied
        /// A note of a result cannot be relied on.
        case note
        /// The store is of a kind that this ftops does not know.
        case unsupported
        /// The store is elsewhere, and this machine's settings do not let it in, or lead to another place.
        case settings
        /// The store is elsewhere, and does not answer or does not do what it is asked.
        case unreachable
        /// The store is elsewhere, and may do the same a moment later.
        case busy
    }

    /// Whether the store may do the same a while later, of itself.
    package var isPassing: Bool { [.busy, .unreachable].contains(code) }

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
