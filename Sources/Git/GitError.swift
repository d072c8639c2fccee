//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CGit2

/// What went wrong with a git repository.
package struct GitError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure, by which callers tell what to do.
    package struct Code: RawRepresentable, Hashable, Sendable {
        /// The code's name.
        package let rawValue: String
        /// Makes a code from its name.
        package init(rawValue: String) { self.rawValue = rawValue }

        /// Anything that has no code of its own.
        package static let failed = Code(rawValue: "failed")
        /// A path that is in no git repository.
        package static let noRepository = Code(rawValue: "no-repository")
        /// A revision, object, reference or path that is not there.
        package static let notFound = Code(rawValue: "not-found")
        /// A repository of a kind that libgit2 cannot read.
        package static let unsupportedRepository = Code(rawValue: "unsupported-repository")
        /// A repository that belongs to another user.
        package static let foreignOwner = Code(rawValue: "foreign-owner")
        /// No identity to commit by.
        package static let noIdentity = Code(rawValue: "no-identity")
        /// A path that cannot be in a tree, or that is a folder where a file is written or the reverse.
        package static let badPath = Code(rawValue: "bad-path")
        /// A tree of more files or folders than anybody has.
        package static let treeTooLarge = Code(rawValue: "tree-too-large")
        /// A remote that is no folder.
        package static let unsupportedRemote = Code(rawValue: "unsupported-remote")
        /// A remote's folder that has no repository.
        package static let unreachableRemote = Code(rawValue: "unreachable-remote")
        /// Another git process holds the index.
        package static let indexLocked = Code(rawValue: "index-locked")
        /// An index that libgit2 cannot read.
        package static let unsupportedIndex = Code(rawValue: "unsupported-index")
        /// Files of the user's where a commit's files would go.
        package static let pathInTheWay = Code(rawValue: "path-in-the-way")
        /// HEAD is not, or no longer, on the branch at the expected commit.
        package static let branchMoved = Code(rawValue: "branch-moved")
        /// The branch is checked out where it would be moved underneath.
        package static let branchCheckedOut = Code(rawValue: "branch-checked-out")
        /// A merge, rebase or the like is under way.
        package static let operationUnderWay = Code(rawValue: "operation-under-way")
        /// A file could not be read or written.
        package static let io = Code(rawValue: "io")
        /// Stopped half-way on purpose, as a kill would; only tests see it.
        static let interrupted = Code(rawValue: "interrupted")
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

    /// The error of the libgit2 call that just failed on this thread.
    static func last(_ result: Int32, _ action: String) -> GitError {
        var detail = git_error_last().flatMap { $0.pointee.message }.map { String(cString: $0) } ?? "error \(result)"
        if result == GIT_EOWNER.rawValue {
            detail = "it belongs to another user; run `git config --global --add safe.directory FOLDER` to trust it"
        }
        return GitError(code(of: result), "cannot \(action): \(detail)")
    }

    private static func code(of result: Int32) -> Code {
        switch result {
        case GIT_ENOTFOUND.rawValue, GIT_EUNBORNBRANCH.rawValue: .notFound
        case GIT_EOWNER.rawValue: .foreignOwner
        default: .failed
        }
    }
}
