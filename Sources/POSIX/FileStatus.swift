//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Glibc

/// What a path names.
package struct FileStatus: Hashable, Sendable {
    /// The kinds that ftops tells apart.
    package enum Kind: Hashable, Sendable {
        case file
        case folder
        case link
        case other
    }

    /// What it is.
    package let kind: Kind
    /// Its size in bytes.
    package let size: Int
    /// Its number in its file system.
    package let inode: UInt64
    /// The number of its file system.
    package let device: UInt64
    /// When it was written, replaced or renamed last, in nanoseconds since 1970.
    package let changed: Int64
    /// When it was written last, by its own account, in nanoseconds since 1970.
    package let modified: Int64
    /// The user that owns it.
    package let owner: UInt32
    /// Its permissions.
    package let permissions: UInt32

    /// Looks at a path, and through a symbolic link unless told otherwise; nothing where there is nothing.
    package static func of(_ path: String, followingLinks: Bool = true) throws(POSIXError) -> FileStatus? {
        var found = stat()
        guard (followingLinks ? stat(path, &found) : lstat(path, &found)) == 0 else {
            let error = POSIXError.last("cannot look at", path: path)
            if error.isMissing { return nil }
            throw error
        }
        let kind: Kind =
            switch found.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            case S_IFLNK: .link
            default: .other
            }
        return FileStatus(
            kind: kind,
            size: Int(found.st_size),
            inode: UInt64(found.st_ino),
            device: UInt64(found.st_dev),
            changed: Int64(found.st_ctim.tv_sec) * 1_000_000_000 + Int64(found.st_ctim.tv_nsec),
            modified: Int64(found.st_mtim.tv_sec) * 1_000_000_000 + Int64(found.st_mtim.tv_nsec),
            owner: found.st_uid,
            permissions: found.st_mode & 0o7777
        )
    }

    /// Whether the path names a file, through a symbolic link too.
    package static func isFile(_ path: String) -> Bool { (try? of(path))??.kind == .file }

    /// Whether the path names a folder, through a symbolic link too.
    package static func isFolder(_ path: String) -> Bool { (try? of(path))??.kind == .folder }

    /// Whether this process may write to what the path names.
    package static func isWritable(_ path: String) -> Bool { access(path, W_OK) == 0 }

    /// Whether this process may run the file that the path names.
    package static func isExecutable(_ path: String) -> Bool { isFile(path) && access(path, X_OK) == 0 }
}
