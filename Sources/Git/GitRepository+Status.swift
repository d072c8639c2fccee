//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CGit2

/// What differs between a file in the work tree, the index and HEAD.
package struct PathStatus: Hashable, Sendable {
    /// The path from the top of the repository.
    package let path: String
    /// Whether the index differs from HEAD.
    package let isStaged: Bool
    /// Whether the work tree differs from the index.
    package let isUnstaged: Bool
    /// Whether git does not know the file.
    package let isUntracked: Bool
    /// Whether a merge left it in conflict.
    package let isConflicted: Bool

    init(path: String, flags: UInt32) {
        let staged = [
            GIT_STATUS_INDEX_NEW, GIT_STATUS_INDEX_MODIFIED, GIT_STATUS_INDEX_DELETED, GIT_STATUS_INDEX_RENAMED,
            GIT_STATUS_INDEX_TYPECHANGE,
        ]
        let unstaged = [
            GIT_STATUS_WT_MODIFIED, GIT_STATUS_WT_DELETED, GIT_STATUS_WT_RENAMED, GIT_STATUS_WT_TYPECHANGE,
            GIT_STATUS_WT_UNREADABLE,
        ]
        self.path = path
        isStaged = staged.contains { flags & $0.rawValue != 0 }
        isUnstaged = unstaged.contains { flags & $0.rawValue != 0 }
        isUntracked = flags & GIT_STATUS_WT_NEW.rawValue != 0
        isConflicted = flags & GIT_STATUS_CONFLICTED.rawValue != 0
    }
}

extension GitRepository {
    /// Files that differ from HEAD below the given folders, or are the given files; ignored files are left out.
    package func changedPaths(under prefixes: [String]) throws(GitError) -> [PathStatus] {
        guard !isBare, !prefixes.isEmpty else { return [] }
        var options = git_status_options()
        try check(git_status_options_init(&options, UInt32(GIT_STATUS_OPTIONS_VERSION)), "read the status")
        let flags = [
            GIT_STATUS_OPT_INCLUDE_UNTRACKED, GIT_STATUS_OPT_RECURSE_UNTRACKED_DIRS,
            GIT_STATUS_OPT_DISABLE_PATHSPEC_MATCH, GIT_STATUS_OPT_EXCLUDE_SUBMODULES,
        ]
        options.show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR
        options.flags = flags.reduce(0) { $0 | $1.rawValue }
        let paths = prefixes.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
        var list: OpaquePointer?
        let result = withStrings(paths) { paths in
            options.pathspec = paths
            return git_status_list_new(&list, pointer, &options)
        }
        defer { git_status_list_free(list) }
        try check(result, "read the status of \(workTree ?? gitDirectory)")
        return (0..<git_status_list_entrycount(list)).compactMap { index in
            guard let entry = git_status_byindex(list, index),
                let delta = entry.pointee.index_to_workdir ?? entry.pointee.head_to_index,
                let path = delta.pointee.new_file.path ?? delta.pointee.old_file.path
            else { return nil }
            return PathStatus(path: String(cString: path), flags: entry.pointee.status.rawValue)
        }
    }

    /// Whether git ignores a path.
    package func isIgnored(_ path: String) throws(GitError) -> Bool {
        var ignored: Int32 = 0
        try check(git_ignore_path_is_ignored(&ignored, pointer, path), "look whether \(path) is ignored")
        return ignored == 1
    }
}
