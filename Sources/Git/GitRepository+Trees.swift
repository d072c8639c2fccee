//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CGit2

extension GitRepository {
    /// Stores bytes as a blob.
    package func writeBlob(_ bytes: [UInt8]) throws(GitError) -> ObjectID {
        var raw = git_oid()
        let result = bytes.withUnsafeBytes { bytes in
            steady { git_blob_create_from_buffer(&raw, pointer, bytes.baseAddress, bytes.count) }
        }
        try check(result, "write a blob")
        return ObjectID(raw)
    }

    /// Stores a tree that differs from a commit's, or from nothing, by the given files; nothing as bytes removes one.
    ///
    /// A file replaces no folder and a folder no file: that is an error, so that nothing is lost unseen.
    package func writeTree(basedOn base: ObjectID?, changes: [String: [UInt8]?]) throws(GitError) -> ObjectID {
        let edits = try changes.sorted { $0.key < $1.key }.map { change throws(GitError) in
            let parts = change.key.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard parts.allSatisfy({ !$0.isEmpty }) else {
                throw GitError(.badPath, "`\(change.key)` cannot be a path in a commit")
            }
            return TreeEdit(path: change.key, rest: parts[...], bytes: change.value)
        }
        let tree = try base.map { id throws(GitError) in try lookUpTree(try peelToTree(id)) }
        defer { git_tree_free(tree) }
        return try write(edits, over: tree).id
    }

    private func peelToTree(_ id: ObjectID) throws(GitError) -> ObjectID {
        var raw = id.raw
        let object = try made("read \(id)") { git_object_lookup($0, pointer, &raw, GIT_OBJECT_ANY) }
        defer { git_object_free(object) }
        let tree = try made("read the tree of \(id)") { git_object_peel($0, object, GIT_OBJECT_TREE) }
        defer { git_object_free(tree) }
        return ObjectID(git_object_id(tree).pointee)
    }

    private func write(_ edits: [TreeEdit], over tree: OpaquePointer?) throws(GitError) -> (id: ObjectID, count: Int) {
        let builder = try made("build a tree") { git_treebuilder_new($0, pointer, tree) }
        defer { git_treebuilder_free(builder) }
        for (name, edits) in Dictionary(grouping: edits, by: { $0.rest.first ?? "" }).sorted(by: { $0.key < $1.key }) {
            let current = git_treebuilder_get(builder, name)
            let isFolder = current.map { Self.kind(of: $0) == nil }
            if let file = edits.first(where: { $0.rest.count == 1 }) {
                guard edits.count == 1, isFolder != true else { throw file.conflict }
                try put(file, named: name, replacing: current != nil, in: builder)
            } else {
                guard isFolder != false else { throw edits[0].conflict }
                let id = current.map { ObjectID(git_tree_entry_id($0).pointee) }
                try put(edits.map(\.inside), inFolder: name, id, in: builder)
            }
        }
        var raw = git_oid()
        try check(steady { git_treebuilder_write(&raw, builder) }, "write a tree")
        return (ObjectID(raw), git_treebuilder_entrycount(builder))
    }

    private func put(
        _ edit: TreeEdit,
        named name: String,
        replacing: Bool,
        in builder: OpaquePointer
    ) throws(GitError) {
        guard let bytes = edit.bytes else {
            if replacing { try check(git_treebuilder_remove(builder, name), "remove \(edit.path)") }
            return
        }
        var raw = try writeBlob(bytes).raw
        let result = steady { git_treebuilder_insert(nil, builder, name, &raw, GIT_FILEMODE_BLOB) }
        guard result == 0 else { throw GitError(.badPath, GitError.last(result, "put \(edit.path) in a tree").message) }
    }

    private func put(
        _ edits: [TreeEdit],
        inFolder name: String,
        _ id: ObjectID?,
        in builder: OpaquePointer
    ) throws(GitError) {
        let tree = try id.map { id throws(GitError) in try lookUpTree(id) }
        defer { git_tree_free(tree) }
        let written = try write(edits, over: tree)
        if written.count == 0 {
            if id != nil { try check(git_treebuilder_remove(builder, name), "remove \(name)") }
            return
        }
        var raw = written.id.raw
        let result = steady { git_treebuilder_insert(nil, builder, name, &raw, GIT_FILEMODE_TREE) }
        guard result == 0 else { throw GitError(.badPath, GitError.last(result, "put \(name) in a tree").message) }
    }
}

/// A file to put at, or remove from, a path below the tree that is being written.
private struct TreeEdit {
    let path: String
    let rest: ArraySlice<String>
    let bytes: [UInt8]?

    var inside: TreeEdit { TreeEdit(path: path, rest: rest.dropFirst(), bytes: bytes) }

    var conflict: GitError {
        GitError(.badPath, "`\(path)` cannot be written: one of file and folder stands where the other would go")
    }
}
