//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CGit2
internal import Glibc

extension GitRepository {
    /// Where ftops keeps references of its own.
    package static let ownReferences = "refs/ftops/"
    /// The ledger's name at a host that refuses others than branches.
    package static let ownBranch = "refs/heads/ftops-ledger"

    private static func isOwn(_ name: String) -> Bool { name.hasPrefix(ownReferences) || name == ownBranch }

    /// Moves a reference to a commit if it still is where it was read, and says whether it was.
    ///
    /// An absent reference is one whose old id is nothing. False means that it has moved or is being moved: read it
    /// again. Writing the id that is there already is true only where the old id matches too.
    package func compareAndSwap(
        _ name: String,
        from old: ObjectID?,
        to new: ObjectID,
        message: String
    ) throws(GitError) -> Bool {
        var result = swap(name, from: old, to: new, message: message)
        if result == GIT_ELOCKED.rawValue, removeStaleLock(of: name) {
            result = swap(name, from: old, to: new, message: message)
        }
        switch result {
        case GIT_ELOCKED.rawValue, GIT_EMODIFIED.rawValue, GIT_EEXISTS.rawValue: return false
        case GIT_ENOTFOUND.rawValue where old != nil: return false
        default: try check(result, "move \(name) to \(new)")
        }
        return try isWritten(name, new)
    }

    /// The same for a reference of the user's, whose lock ftops may not take for its own by the name: it is noted first,
    /// in a file that the caller names and keeps, so that after a kill `removeNotedLock` knows it.
    package func compareAndSwap(
        _ name: String,
        from old: ObjectID?,
        to new: ObjectID,
        message: String,
        note: String
    ) throws(GitError) -> Bool {
        try ReferenceLockNote(repository: commonDirectory, name: name, new: new).write(to: note)
        let result = Result { () throws(GitError) in
            try compareAndSwap(name, from: old, to: new, message: message)
        }
        try DurableFile.remove(note)
        return try result.get()
    }

    /// Moves a branch that no work tree has checked out, if it still is where it was read, and says whether it was; its
    /// lock is noted.
    package func moveBranch(
        _ name: String,
        from old: ObjectID?,
        to new: ObjectID,
        message: String,
        note: String
    ) throws(GitError) -> Bool {
        guard try !isCheckedOut(name) else {
            throw GitError(
                .branchCheckedOut,
                """
                \(name) is checked out in a work tree of \(workTree ?? gitDirectory), whose files would stay behind; \
                check out another branch there, or make it a bare repository
                """
            )
        }
        return try compareAndSwap(name, from: old, to: new, message: message, note: note)
    }

    /// Deletes a reference if it still is where it was read, and says whether it was.
    package func compareAndDelete(_ name: String, from old: ObjectID) throws(GitError) -> Bool {
        let reference = try found("read \(name)") { git_reference_lookup($0, pointer, name) }
        guard let reference else { return false }
        defer { git_reference_free(reference) }
        guard let target = git_reference_target(reference), ObjectID(target.pointee) == old else { return false }
        let result = git_reference_delete(reference)
        if result == GIT_ELOCKED.rawValue || result == GIT_EMODIFIED.rawValue { return false }
        try check(result, "delete \(name)")
        return true
    }

    /// A null old id would compare nothing, so an absent reference is compared with the zero id.
    private func swap(_ name: String, from old: ObjectID?, to new: ObjectID, message: String) -> Int32 {
        var expected = old?.raw ?? git_oid()
        var id = new.raw
        return steady { git_reference_create_matching(nil, pointer, name, &id, 1, &expected, message) }
    }

    /// A process that slept through the removal of its lock may have renamed another's lock over the reference, and
    /// believe that it wrote; so success is read back.
    private func isWritten(_ name: String, _ new: ObjectID) throws(GitError) -> Bool {
        guard Self.isOwn(name) else { return true }
        guard let current = try reference(name) else { return false }
        return try isAncestor(new, of: current)
    }

    /// Removes the lock of one of ftops' own references that a killed process left more than a minute ago.
    private func removeStaleLock(of name: String) -> Bool {
        guard Self.isOwn(name) else { return false }
        // Whoever may not even make a file there leaves the lock to those who may.
        return (try? removeLock(of: name, olderThan: StaleLocks.limit)) ?? false
    }

    /// Removes the lock of a reference, if it is older than some seconds, and says whether it was.
    ///
    /// Removers take turns and look again when it is theirs, so that none removes the lock that another has just taken.
    func removeLock(of name: String, olderThan seconds: Int) throws(GitError) -> Bool {
        let guarding = open("\(commonDirectory)/ftops.lock", O_RDONLY | O_CREAT | O_CLOEXEC, 0o666)
        guard guarding >= 0 else { throw GitError.system("open \(commonDirectory)/ftops.lock") }
        defer { close(guarding) }
        guard flock(guarding, LOCK_EX | LOCK_NB) == 0 else { return false }
        let path = "\(commonDirectory)/\(name).lock"
        var lock = stat()
        guard lstat(path, &lock) == 0 else { return false }
        let isOld = Self.age(of: lock, bySystemOf: guarding).map { $0 > seconds } ?? false
        guard isOld || StaleLocks.isStale(lock, at: path, after: seconds) else { return false }
        return unlink(path) == 0
    }

    /// Seconds by the file system's own clock, which on a network is not this machine's.
    private static func age(of lock: stat, bySystemOf file: Int32) -> Int? {
        var now = stat()
        guard futimens(file, nil) == 0, fstat(file, &now) == 0 else { return nil }
        return now.st_mtim.tv_sec - lock.st_mtim.tv_sec
    }
}

extension GitError {
    /// The error of the system call that just failed.
    static func system(_ action: String) -> GitError {
        GitError(.io, "cannot \(action): \(String(cString: strerror(errno)))")
    }
}
