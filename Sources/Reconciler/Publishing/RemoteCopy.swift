//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
package import Git
internal import POSIX

/// This machine's own bare copies of remotes, in the state folder: versions are committed from them, so that a clone of
/// the user's that is removed, moved or broken stops nothing. A copy that is lost is made again.
package enum RemoteCopy {
    /// Opens the copy of a remote that is a folder; makes it where it is missing.
    package static func open(_ name: String, at folder: String, in state: String) throws -> GitRepository {
        let copies = state + "/remotes"
        let path = "\(copies)/\(SHA256Digest.of("\(name)\n\(folder)").hex.prefix(16)).git"
        if let known = try known(name, folder, path) { return known }
        try Folder.make(copies)
        let lock = try FileLock.acquire(copies + "/make.lock")
        defer { withExtendedLifetime(lock) {} }
        if let known = try known(name, folder, path) { return known }
        let fresh = path + ".new"
        for leftover in [fresh, path] { try Folder.remove(leftover) }
        try GitRepository.create(at: fresh, bare: true).addRemote(name, url: folder)
        try Folder.move(fresh, to: path)
        try Folder.synchronize(copies)
        return try GitRepository(path: path)
    }

    /// A copy that cannot be opened, or is of something else, is none.
    private static func known(_ name: String, _ folder: String, _ path: String) throws -> GitRepository? {
        guard FileStatus.isFolder(path), let copy = try? GitRepository(path: path) else { return nil }
        return try copy.remote(named: name)?.location == .path(folder) ? copy : nil
    }
}
