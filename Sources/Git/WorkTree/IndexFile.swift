//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CGit2
internal import Glibc

/// The entries of an index file, opened apart from its repository.
final class IndexFile {
    /// What the index has at a path.
    enum Entry: Hashable {
        case absent
        case staged(ObjectID)
        /// A merge's conflict, or a file where the path needs a folder, or the reverse.
        case conflicting
    }

    private let pointer: OpaquePointer

    init(at path: String) throws(GitError) {
        var pointer: OpaquePointer?
        let result = git_index_open(&pointer, path)
        guard result == 0, let opened = pointer else {
            let detail = GitError.last(result, "read \(path)").message
            throw GitError(.unsupportedIndex, "\(detail); `git update-index --no-split-index` may help")
        }
        self.pointer = opened
        // libgit2 reads a new index only when asked, and reports what it cannot read only then.
        let read = git_index_read(opened, 1)
        guard read == 0 else {
            let detail = GitError.last(read, "read \(path)").message
            throw GitError(.unsupportedIndex, "\(detail); `git update-index --no-split-index` may help")
        }
    }

    deinit { git_index_free(pointer) }

    func entry(at path: String) -> Entry {
        if let entry = git_index_get_bypath(pointer, path, 0) { return .staged(ObjectID(entry.pointee.id)) }
        if (1...3).contains(where: { git_index_get_bypath(pointer, path, $0) != nil }) { return .conflicting }
        if git_index_find_prefix(nil, pointer, path + "/") == 0 { return .conflicting }
        var folder = Substring(path)
        while let slash = folder.lastIndex(of: "/") {
            folder = folder[..<slash]
            if git_index_get_bypath(pointer, String(folder), 0) != nil { return .conflicting }
        }
        return .absent
    }

    func remove(_ path: String) throws(GitError) {
        try check(git_index_remove(pointer, path, 0), "take \(path) out of the index")
    }

    /// Puts a file in the index; without what the file system says of it, git compares the content.
    func put(_ entry: TreeEntry, at path: String, status: stat?) throws(GitError) {
        var new = git_index_entry()
        if let before = git_index_get_bypath(pointer, path, 0)?.pointee {
            new.flags = before.flags & UInt16(GIT_INDEX_ENTRY_VALID.rawValue)
            new.flags_extended = before.flags_extended
        }
        new.mode = entry.isExecutable ? GIT_FILEMODE_BLOB_EXECUTABLE.rawValue : GIT_FILEMODE_BLOB.rawValue
        new.id = entry.id.raw
        if let status {
            new.ctime = git_index_time(
                seconds: Int32(truncatingIfNeeded: status.st_ctim.tv_sec),
                nanoseconds: UInt32(status.st_ctim.tv_nsec)
            )
            new.mtime = git_index_time(
                seconds: Int32(truncatingIfNeeded: status.st_mtim.tv_sec),
                nanoseconds: UInt32(status.st_mtim.tv_nsec)
            )
            new.dev = UInt32(truncatingIfNeeded: status.st_dev)
            new.ino = UInt32(truncatingIfNeeded: status.st_ino)
            (new.uid, new.gid) = (status.st_uid, status.st_gid)
            new.file_size = UInt32(truncatingIfNeeded: status.st_size)
        }
        let result = path.withCString { name in
            new.path = name
            return git_index_add(pointer, &new)
        }
        try check(result, "put \(path) in the index")
    }

    func write() throws(GitError) { try check(git_index_write(pointer), "write the index") }
}
