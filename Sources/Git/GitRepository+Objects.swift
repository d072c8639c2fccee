//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CGit2

/// A file in a commit's tree.
package struct TreeFile: Hashable, Sendable {
    /// What kind of entry it is.
    package enum Kind: Hashable, Sendable {
        case file
        case executable
        case link
        /// A commit of another repository.
        case submodule
    }

    /// Its path from the top of the repository.
    package let path: String
    /// Its blob.
    package let id: ObjectID
    /// What kind of entry it is.
    package let kind: Kind

    /// Describes a file.
    package init(path: String, id: ObjectID, kind: Kind) {
        self.path = path
        self.id = id
        self.kind = kind
    }
}

/// What a folder of a commit has.
package struct FolderEntry: Hashable, Sendable {
    /// Its name.
    package let name: String
    /// Its blob, or the tree of a folder.
    package let id: ObjectID
    /// What kind of file it is; nothing for a folder.
    package let kind: TreeFile.Kind?
}

extension GitRepository {
    /// The tree of a commit.
    package func tree(of commit: ObjectID) throws(GitError) -> ObjectID {
        let pointer = try lookUpCommit(commit)
        defer { git_commit_free(pointer) }
        return ObjectID(git_commit_tree_id(pointer).pointee)
    }

    /// A list of files that grows, within bounds.
    private struct Listing {
        var files: [TreeFile] = []
        var bounds = TreeBounds()
    }

    /// Every file under a folder of a commit, in the order of paths; the empty path is the top.
    package func files(under path: String, at commit: ObjectID) throws(GitError) -> [TreeFile] {
        let root = try lookUpTree(try tree(of: commit))
        defer { git_tree_free(root) }
        var listing = Listing()
        guard !path.isEmpty else {
            try list(root, under: "", into: &listing)
            return listing.files
        }
        guard let entry = try entry(at: path, in: root) else { return [] }
        defer { git_tree_entry_free(entry) }
        try append(entry, at: path, to: &listing)
        return listing.files
    }

    /// The tree of the folder at a path of a commit; nothing where no folder is there.
    package func folder(at path: String, in commit: ObjectID) throws(GitError) -> ObjectID? {
        let root = try lookUpTree(try tree(of: commit))
        defer { git_tree_free(root) }
        guard let entry = try entry(at: path, in: root) else { return nil }
        defer { git_tree_entry_free(entry) }
        return Self.kind(of: entry) == nil ? ObjectID(git_tree_entry_id(entry).pointee) : nil
    }

    /// What a tree has, in git's order.
    package func entries(of tree: ObjectID) throws(GitError) -> [FolderEntry] {
        let tree = try lookUpTree(tree)
        defer { git_tree_free(tree) }
        return (0..<git_tree_entrycount(tree)).compactMap { index in
            guard let entry = git_tree_entry_byindex(tree, index), let name = git_tree_entry_name(entry) else {
                return nil
            }
            let id = ObjectID(git_tree_entry_id(entry).pointee)
            return FolderEntry(name: String(cString: name), id: id, kind: Self.kind(of: entry))
        }
    }

    /// A blob's bytes.
    package func blob(_ id: ObjectID) throws(GitError) -> [UInt8] {
        var raw = id.raw
        let blob = try made("read blob \(id)") { git_blob_lookup($0, pointer, &raw) }
        defer { git_blob_free(blob) }
        return Array(UnsafeRawBufferPointer(start: git_blob_rawcontent(blob), count: Int(git_blob_rawsize(blob))))
    }

    /// The bytes of the file at a path of a commit; nothing where no file is there.
    package func blob(at path: String, in commit: ObjectID) throws(GitError) -> [UInt8]? {
        guard let file = try file(at: path, in: commit) else { return nil }
        return try blob(file.id)
    }

    /// The file at a path of a commit; nothing where no file is there.
    package func file(at path: String, in commit: ObjectID) throws(GitError) -> TreeFile? {
        let root = try lookUpTree(try tree(of: commit))
        defer { git_tree_free(root) }
        guard let entry = try entry(at: path, in: root) else { return nil }
        defer { git_tree_entry_free(entry) }
        guard let kind = Self.kind(of: entry), kind != .submodule else { return nil }
        return TreeFile(path: path, id: ObjectID(git_tree_entry_id(entry).pointee), kind: kind)
    }

    /// The bytes that an object has, told from its header: one of gigabytes is not unpacked for it.
    package func size(of id: ObjectID) throws(GitError) -> Int {
        let database = try made("open the objects") { git_repository_odb($0, pointer) }
        defer { git_odb_free(database) }
        var raw = id.raw
        var size = 0
        var kind = GIT_OBJECT_INVALID
        try check(git_odb_read_header(&size, &kind, database, &raw), "read the size of \(id)")
        return size
    }

    /// Whether an object is in the repository.
    package func contains(_ id: ObjectID) throws(GitError) -> Bool {
        let database = try made("open the objects") { git_repository_odb($0, pointer) }
        defer { git_odb_free(database) }
        var raw = id.raw
        return git_odb_exists(database, &raw) == 1
    }

    func lookUpCommit(_ id: ObjectID) throws(GitError) -> OpaquePointer {
        var raw = id.raw
        return try made("read commit \(id)") { git_commit_lookup($0, pointer, &raw) }
    }

    func lookUpTree(_ id: ObjectID) throws(GitError) -> OpaquePointer {
        var raw = id.raw
        return try made("read tree \(id)") { git_tree_lookup($0, pointer, &raw) }
    }

    /// What kind of file an entry is; nothing for a folder.
    static func kind(of entry: OpaquePointer) -> TreeFile.Kind? {
        switch git_tree_entry_filemode(entry) {
        case GIT_FILEMODE_TREE: nil
        case GIT_FILEMODE_LINK: .link
        case GIT_FILEMODE_BLOB_EXECUTABLE: .executable
        case GIT_FILEMODE_COMMIT: .submodule
        default: .file
        }
    }

    private func entry(at path: String, in tree: OpaquePointer) throws(GitError) -> OpaquePointer? {
        try found("find \(path)") { git_tree_entry_bypath($0, tree, path) }
    }

    private func list(_ tree: OpaquePointer, under folder: String, into listing: inout Listing) throws(GitError) {
        for index in 0..<git_tree_entrycount(tree) {
            guard let entry = git_tree_entry_byindex(tree, index), let name = git_tree_entry_name(entry) else {
                continue
            }
            let path = folder.isEmpty ? String(cString: name) : "\(folder)/\(String(cString: name))"
            try append(entry, at: path, to: &listing)
        }
    }

    private func append(_ entry: OpaquePointer, at path: String, to listing: inout Listing) throws(GitError) {
        try listing.bounds.count(path)
        let id = ObjectID(git_tree_entry_id(entry).pointee)
        if let kind = Self.kind(of: entry) {
            listing.files.append(TreeFile(path: path, id: id, kind: kind))
        } else {
            let tree = try lookUpTree(id)
            defer { git_tree_free(tree) }
            try list(tree, under: path, into: &listing)
        }
    }
}
