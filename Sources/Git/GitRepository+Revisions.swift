//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CGit2

/// What HEAD points at.
package enum Head: Hashable, Sendable {
    /// A branch by its full name, such as `refs/heads/main`, and its commit; none before the first one.
    case branch(name: String, commit: ObjectID?)
    /// A commit without a branch.
    case detached(ObjectID)

    /// The commit that is checked out.
    package var commit: ObjectID? {
        switch self {
        case .branch(_, let commit): commit
        case .detached(let commit): commit
        }
    }
}

/// Where a branch is pulled from and pushed to.
package struct Upstream: Hashable, Sendable {
    /// The remote's name.
    package let remote: String
    /// The branch at the remote, such as `refs/heads/main`.
    package let branch: String
    /// What this repository last saw of it, such as `refs/remotes/origin/main`.
    package let tracking: String
}

extension GitRepository {
    /// The commit that a revision such as `HEAD~2`, a branch, a tag or an id names.
    package func resolve(_ revision: String) throws(GitError) -> ObjectID {
        var object: OpaquePointer?
        defer { git_object_free(object) }
        let result = steady { git_revparse_single(&object, pointer, revision) }
        switch result {
        case GIT_ENOTFOUND.rawValue, GIT_EINVALIDSPEC.rawValue: throw missing(revision)
        case GIT_EAMBIGUOUS.rawValue:
            throw GitError(.notFound, "several objects begin with `\(revision)`: write more of the commit's id")
        default: try check(result, "find \(revision)")
        }
        var commit: OpaquePointer?
        defer { git_object_free(commit) }
        guard git_object_peel(&commit, object, GIT_OBJECT_COMMIT) == 0 else {
            throw GitError(.notFound, "`\(revision)` is no commit: give a branch, a tag or a commit's id")
        }
        return ObjectID(git_object_id(commit).pointee)
    }

    private func missing(_ revision: String) -> GitError {
        let isShallow = git_repository_is_shallow(pointer) == 1
        let hint = isShallow ? ", which is a shallow clone: `git fetch --unshallow` gets the rest" : ""
        return GitError(.notFound, "there is no commit `\(revision)` in this repository\(hint)")
    }

    /// What a reference, by its full name, points at in the end; nothing where it is not there, as one of a name that
    /// no reference can have never is.
    package func reference(_ name: String) throws(GitError) -> ObjectID? {
        var raw = git_oid()
        let result = git_reference_name_to_id(&raw, pointer, name)
        if result == GIT_ENOTFOUND.rawValue || result == GIT_EINVALIDSPEC.rawValue { return nil }
        try check(result, "read \(name)")
        return ObjectID(raw)
    }

    /// What HEAD points at, read anew at each call.
    package var head: Head {
        get throws(GitError) {
            let reference = try made("read HEAD") { git_reference_lookup($0, pointer, "HEAD") }
            defer { git_reference_free(reference) }
            if let target = git_reference_symbolic_target(reference) {
                let name = String(cString: target)
                return .branch(name: name, commit: try self.reference(name))
            }
            guard let target = git_reference_target(reference) else {
                throw GitError(.failed, "cannot read HEAD of \(gitDirectory)")
            }
            return .detached(ObjectID(target.pointee))
        }
    }

    /// Names of all references that begin with a prefix, and what they point at, sorted by name.
    package func references(under prefix: String) throws(GitError) -> [(name: String, id: ObjectID)] {
        let iterator = try made("list references") { git_reference_iterator_glob_new($0, pointer, prefix + "*") }
        defer { git_reference_iterator_free(iterator) }
        var names: [String] = []
        var name: UnsafePointer<CChar>?
        while git_reference_next_name(&name, iterator) == 0, let text = name { names.append(String(cString: text)) }
        var found: [(name: String, id: ObjectID)] = []
        for name in names.sorted() {
            guard let id = try reference(name) else { continue }
            found.append((name, id))
        }
        return found
    }

    /// Where a local branch, by its full name, is pulled from and pushed to; nothing without an upstream.
    package func upstream(of branch: String) throws(GitError) -> Upstream? {
        let action = "read the upstream of \(branch)"
        guard let remote = try text(action, { git_branch_upstream_remote($0, pointer, branch) }),
            let merge = try text(action, { git_branch_upstream_merge($0, pointer, branch) }),
            let tracking = try text(action, { git_branch_upstream_name($0, pointer, branch) })
        else { return nil }
        return Upstream(remote: remote, branch: merge, tracking: tracking)
    }

    /// Whether a branch is checked out in this work tree or in another one of the repository.
    package func isCheckedOut(_ branch: String) throws(GitError) -> Bool {
        if !isBare, case .branch(branch, _) = try head { return true }
        let reference = try found("read \(branch)") { git_reference_lookup($0, pointer, branch) }
        guard let reference else { return false }
        defer { git_reference_free(reference) }
        let result = git_branch_is_checked_out(reference)
        try check(result, "look for work trees of \(branch)")
        return result == 1
    }

    /// What is under way in the work tree, such as `merge`; nothing in a clean state.
    package var operationUnderWay: String? {
        let state = git_repository_state(pointer)
        let names: [(git_repository_state_t, String)] = [
            (GIT_REPOSITORY_STATE_MERGE, "merge"), (GIT_REPOSITORY_STATE_REVERT, "revert"),
            (GIT_REPOSITORY_STATE_REVERT_SEQUENCE, "revert"), (GIT_REPOSITORY_STATE_CHERRYPICK, "cherry-pick"),
            (GIT_REPOSITORY_STATE_CHERRYPICK_SEQUENCE, "cherry-pick"), (GIT_REPOSITORY_STATE_BISECT, "bisect"),
            (GIT_REPOSITORY_STATE_REBASE, "rebase"), (GIT_REPOSITORY_STATE_REBASE_INTERACTIVE, "rebase"),
            (GIT_REPOSITORY_STATE_REBASE_MERGE, "rebase"), (GIT_REPOSITORY_STATE_APPLY_MAILBOX, "am"),
            (GIT_REPOSITORY_STATE_APPLY_MAILBOX_OR_REBASE, "am"),
        ]
        guard state != Int32(GIT_REPOSITORY_STATE_NONE.rawValue) else { return nil }
        return names.first { Int32($0.0.rawValue) == state }?.1 ?? "operation"
    }
}
