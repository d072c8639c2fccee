//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CGit2

/// A file as a commit has it.
struct TreeEntry: Hashable {
    let id: ObjectID
    let isExecutable: Bool
}

/// What a commit does to one path.
struct TreeChange: Hashable {
    let path: String
    /// What the older commit has there.
    let old: TreeEntry?
    /// What the newer one has there.
    let new: TreeEntry?
}

extension GitRepository {
    /// What differs between two commits, in the order of paths; links and other repositories are refused.
    func changes(from old: ObjectID, to new: ObjectID) throws(GitError) -> [TreeChange] {
        let (oldTree, newTree) = (try lookUpTree(try tree(of: old)), try lookUpTree(try tree(of: new)))
        defer {
            git_tree_free(oldTree)
            git_tree_free(newTree)
        }
        var options = git_diff_options()
        try check(git_diff_options_init(&options, UInt32(GIT_DIFF_OPTIONS_VERSION)), "compare commits")
        options.flags = GIT_DIFF_INCLUDE_TYPECHANGE.rawValue | GIT_DIFF_IGNORE_SUBMODULES.rawValue
        let diff = try made("compare \(old.short) and \(new.short)") {
            git_diff_tree_to_tree($0, pointer, oldTree, newTree, &options)
        }
        defer { git_diff_free(diff) }
        var changes: [TreeChange] = []
        for index in 0..<git_diff_num_deltas(diff) {
            guard let delta = git_diff_get_delta(diff, index)?.pointee,
                let path = delta.new_file.path ?? delta.old_file.path
            else { continue }
            let name = String(cString: path)
            let change = TreeChange(
                path: name,
                old: try entry(delta.old_file, at: name),
                new: try entry(delta.new_file, at: name)
            )
            changes.append(change)
        }
        return changes
    }

    private func entry(_ file: git_diff_file, at path: String) throws(GitError) -> TreeEntry? {
        switch UInt32(file.mode) {
        case GIT_FILEMODE_UNREADABLE.rawValue: return nil
        case GIT_FILEMODE_BLOB.rawValue: return TreeEntry(id: ObjectID(file.id), isExecutable: false)
        case GIT_FILEMODE_BLOB_EXECUTABLE.rawValue: return TreeEntry(id: ObjectID(file.id), isExecutable: true)
        default: throw GitError(.badPath, "\(path) is no plain file in that commit; bring it here by `git pull`")
        }
    }
}
