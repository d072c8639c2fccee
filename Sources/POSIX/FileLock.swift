//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Glibc

/// An exclusive lock on a file, by flock(2): held until the last process that has its descriptor ends or closes it.
///
/// Children do not get the descriptor unless `file` is handed to them; then the lock lives as long as any of them.
/// It is never unlocked by a call, since that would take it from those children too.
package final class FileLock: Sendable {
    /// The locked file, to be handed to children that hold the lock too.
    package let file: OpenFile
    /// The lock's path.
    package var path: String { file.path }

    private init(file: OpenFile) { self.file = file }

    /// Takes the lock where it is free; nothing where another holds it. The file is made where it is missing.
    package static func tryAcquire(_ path: String, permissions: UInt32 = 0o600) throws(POSIXError) -> FileLock? {
        while true {
            let file = try open(path, permissions)
            guard uninterrupted({ flock(file.descriptor, LOCK_EX | LOCK_NB) }) == 0 else {
                guard errno == EWOULDBLOCK else { throw .last("cannot lock", path: path) }
                return nil
            }
            if isStill(file, at: path) { return FileLock(file: file) }
        }
    }

    /// Takes the lock and waits for it where another holds it; `waiting` is called now and then with the time waited,
    /// and gives up by throwing.
    package static func acquire(
        _ path: String,
        permissions: UInt32 = 0o600,
        waiting: (Duration) throws -> Void = { _ in }
    ) throws -> FileLock {
        let start = MonotonicClock.now
        while true {
            if let lock = try tryAcquire(path, permissions: permissions) { return lock }
            try waiting(MonotonicClock.now - start)
            Pause.sleep(.milliseconds(50))
        }
    }

    /// A lock file may belong to another user, so reading has to be enough, and making it is tried only where none is:
    /// Linux refuses O_CREAT on another's file in a shared folder.
    private static func open(_ path: String, _ permissions: UInt32) throws(POSIXError) -> OpenFile {
        while true {
            do throws(POSIXError) {
                return try OpenFile(path, flags: O_RDONLY | O_NOFOLLOW)
            } catch {
                guard error.code == ENOENT else { throw error }
            }
            do throws(POSIXError) {
                let file = try OpenFile(path, flags: O_RDONLY | O_NOFOLLOW | O_CREAT | O_EXCL, permissions: permissions)
                try file.setPermissions(permissions)
                return file
            } catch {
                guard error.code == EEXIST else { throw error }
            }
        }
    }

    /// Whether the path still names the file that was opened: another may have removed it meanwhile.
    private static func isStill(_ file: OpenFile, at path: String) -> Bool {
        var opened = stat()
        var named = stat()
        guard fstat(file.descriptor, &opened) == 0, lstat(path, &named) == 0 else { return false }
        return opened.st_ino == named.st_ino && opened.st_dev == named.st_dev
    }
}
