//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Git

/// How far the publishing of a version came.
package struct Publication: Hashable, Sendable {
    /// What a commit brings.
    package enum Content: Hashable, Sendable {
        /// A version that the branch has not.
        case version
        /// An evaluation of one that it has.
        case evaluation
        /// What else is recorded of one that it has.
        case configuration

        /// Whether the branch has the version already, and only its record changes.
        var isExtension: Bool { self != .version }

        /// How a commit's message begins.
        var verb: String {
            switch self {
            case .version: "Publish"
            case .evaluation: "Evaluate"
            case .configuration: "Configure"
            }
        }
    }

    /// Whether the branch has the version where it counts: on the remote where there is one.
    package let isPublished: Bool
    /// The version's number, where a commit has it.
    package let number: Int?
    /// The commit that has it, where this made one.
    package let commit: ObjectID?
    /// What the user should know or do, such as `git pull`.
    package let notes: [String]

    /// Makes the account of a publishing.
    package init(isPublished: Bool, number: Int? = nil, commit: ObjectID? = nil, notes: [String] = []) {
        self.isPublished = isPublished
        self.number = number
        self.commit = commit
        self.notes = notes
    }
}
