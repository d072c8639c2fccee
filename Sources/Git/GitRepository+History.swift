//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CGit2

extension GitRepository {
    /// Whether a commit is reached from another by its parents; each is its own ancestor.
    package func isAncestor(_ ancestor: ObjectID, of commit: ObjectID) throws(GitError) -> Bool {
        if ancestor == commit { return true }
        var (descendant, older) = (commit.raw, ancestor.raw)
        let result = steady { git_graph_descendant_of(pointer, &descendant, &older) }
        try check(result, "compare \(ancestor.short) and \(commit.short)")
        return result == 1
    }

    /// The best common ancestor of two commits; nothing where their histories share none.
    package func mergeBase(_ left: ObjectID, _ right: ObjectID) throws(GitError) -> ObjectID? {
        var base = git_oid()
        var (one, two) = (left.raw, right.raw)
        let result = steady { git_merge_base(&base, pointer, &one, &two) }
        if result == GIT_ENOTFOUND.rawValue { return nil }
        try check(result, "compare \(left.short) and \(right.short)")
        return ObjectID(base)
    }

    /// How many commits each of two commits has that the other has not.
    package func distance(
        from left: ObjectID,
        to right: ObjectID
    ) throws(GitError) -> (onlyLeft: Int, onlyRight: Int) {
        var (ahead, behind) = (0, 0)
        var (one, two) = (left.raw, right.raw)
        let result = steady { git_graph_ahead_behind(&ahead, &behind, pointer, &one, &two) }
        try check(result, "compare \(left.short) and \(right.short)")
        return (ahead, behind)
    }

    /// Commits reached from one, newest first, without those that others reach.
    package func log(
        from commit: ObjectID,
        excluding others: [ObjectID] = [],
        limit: Int = .max
    ) throws(GitError) -> [CommitInfo] {
        var ids: [ObjectID] = []
        let result = steady {
            ids = []
            return walk(from: commit.raw, excluding: others.map(\.raw), limit: limit) { ids.append(ObjectID($0)) }
        }
        try check(result, "read the log of \(commit.short)")
        var commits: [CommitInfo] = []
        for id in ids { commits.append(try self.commit(id)) }
        return commits
    }

    private func walk(
        from commit: git_oid,
        excluding others: [git_oid],
        limit: Int,
        visit: (git_oid) -> Void
    ) -> Int32 {
        var walk: OpaquePointer?
        var result = git_revwalk_new(&walk, pointer)
        defer { git_revwalk_free(walk) }
        if result == 0 { result = git_revwalk_sorting(walk, GIT_SORT_TOPOLOGICAL.rawValue | GIT_SORT_TIME.rawValue) }
        var (start, next) = (commit, git_oid())
        if result == 0 { result = git_revwalk_push(walk, &start) }
        for var other in others where result == 0 { result = git_revwalk_hide(walk, &other) }
        var count = 0
        while result == 0, count < limit {
            result = git_revwalk_next(&next, walk)
            if result == 0 { visit(next) }
            count += 1
        }
        return result == GIT_ITEROVER.rawValue ? 0 : result
    }

    /// The commit without parents that first parents lead to.
    package func rootCommit(of commit: ObjectID) throws(GitError) -> ObjectID {
        var current = try lookUpCommit(commit)
        defer { git_commit_free(current) }
        while git_commit_parentcount(current) > 0 {
            let parent = try made("read the history of \(commit.short)") { git_commit_parent($0, current, 0) }
            git_commit_free(current)
            current = parent
        }
        return ObjectID(git_commit_id(current).pointee)
    }
}
