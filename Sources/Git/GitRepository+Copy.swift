//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CGit2

extension GitRepository {
    /// Copies a commit with all that it needs into another repository; no reference moves.
    ///
    /// Commits that others reach are taken to be there wholly. A commit is written after all that it needs, so that a
    /// copy that was cut short leaves nothing incomplete behind a commit.
    package func copy(
        _ commit: ObjectID,
        excluding others: [ObjectID] = [],
        to target: GitRepository
    ) throws(GitError) {
        var known: [ObjectID] = []
        for other in others where try contains(other) { known.append(other) }
        let copying = try ObjectCopy(from: self, to: target)
        for entry in try log(from: commit, excluding: known).reversed() {
            let base = if let parent = entry.parents.first { Optional(try tree(of: parent)) } else { ObjectID?.none }
            try copying.copyTree(try tree(of: entry.id), changedFrom: base)
            try copying.copyObject(entry.id)
        }
    }
}

/// The two object databases of a copy under way.
private final class ObjectCopy {
    private let source: GitRepository
    private let from: OpaquePointer
    private let to: OpaquePointer

    init(from source: GitRepository, to target: GitRepository) throws(GitError) {
        self.source = source
        from = try made("open the objects of \(source.gitDirectory)") { git_repository_odb($0, source.pointer) }
        to = try made("open the objects of \(target.gitDirectory)") { git_repository_odb($0, target.pointer) }
    }

    deinit {
        git_odb_free(from)
        git_odb_free(to)
    }

    func copyTree(_ id: ObjectID, changedFrom base: ObjectID?) throws(GitError) {
        guard id != base else { return }
        let tree = try source.lookUpTree(id)
        defer { git_tree_free(tree) }
        let old = if let base { Optional(try source.lookUpTree(base)) } else { OpaquePointer?.none }
        defer { git_tree_free(old) }
        for index in 0..<git_tree_entrycount(tree) {
            guard let entry = git_tree_entry_byindex(tree, index) else { continue }
            let before = old.flatMap { git_tree_entry_byname($0, git_tree_entry_name(entry)) }
            let isFolder = GitRepository.kind(of: entry) == nil
            let id = ObjectID(git_tree_entry_id(entry).pointee)
            let previous = before.map { ObjectID(git_tree_entry_id($0).pointee) }
            if id == previous || GitRepository.kind(of: entry) == .submodule { continue }
            guard isFolder else {
                try copyObject(id)
                continue
            }
            let wasFolder = before.map { GitRepository.kind(of: $0) == nil } ?? false
            try copyTree(id, changedFrom: wasFolder ? previous : nil)
        }
        try copyObject(id)
    }

    /// What is there already is written all the same, which makes it new to a `git gc` that removes what nothing reaches.
    func copyObject(_ id: ObjectID) throws(GitError) {
        var raw = id.raw
        let object = try made("read \(id)") { git_odb_read($0, from, &raw) }
        defer { git_odb_object_free(object) }
        var written = git_oid()
        let size = git_odb_object_size(object)
        let result = steady {
            git_odb_write(&written, to, git_odb_object_data(object), size, git_odb_object_type(object))
        }
        try check(result, "copy \(id)")
    }
}
