//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Git

/// By whom versions are committed, as git knew when the run was asked for.
package struct CommitIdentity: Hashable, Sendable {
    /// Who wrote what is committed.
    package var author: Signature
    /// Who makes the commit.
    package var committer: Signature

    /// Makes an identity of two signatures.
    package init(author: Signature, committer: Signature) {
        self.author = author
        self.committer = committer
    }

    /// Whom `git commit` would sign as in a repository; an error that says what to type where it does not know.
    package init(_ repository: GitRepository) throws(GitError) {
        self.init(
            author: try repository.configuredIdentity(.author),
            committer: try repository.configuredIdentity(.committer)
        )
    }
}
