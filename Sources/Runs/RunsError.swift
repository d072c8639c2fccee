//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// What went wrong with a run's folder, the state folder or the places of ftops.
package struct RunsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of failure, to branch on.
    package enum Code: Hashable, Sendable {
        /// A place cannot be determined, or not be made.
        case place
        /// A folder lies on a network file system.
        case networkFileSystem
        /// A file of a run is missing or cannot be read as what it should be.
        case unreadable
        /// A run's folder holds other inputs than asked for.
        case inputsDiffer
        /// The trainer is not there.
        case trainer
        /// The machine's devices cannot be told, or the one that is needed is not there.
        case device
    }

    /// The kind.
    package let code: Code
    /// What happened, to which thing, and what to do next; lower case, no full stop.
    package let message: String

    /// Makes an error.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    package var description: String { message }
}
