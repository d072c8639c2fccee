//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Git

/// How far the publishing of a version came.
package struct Publication: Hashable, Sendable {
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
