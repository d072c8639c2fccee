//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Git
internal import POSIX

/// The branch at a remote, to which versions are committed from this machine's own bare copy of it.
struct RemoteBranch {
    let remote: Publisher.Remote
    /// The branch's short name.
    let branch: String

    var ref: String { "refs/heads/\(branch)" }

    /// Where the lock of a branch is noted while it is taken, for whoever publishes next from this copy.
    private var lockNote: String { remote.copy.gitDirectory + "/ftops-branch-lock" }

    /// One process at a time publishes from a copy; the lock that a killed one left is taken away.
    func begin() throws -> FileLock {
        let lock = try FileLock.acquire(remote.copy.gitDirectory + "/ftops-publish.lock")
        try GitRepository.removeNotedLock(note: lockNote)
        return lock
    }

    /// Where the branch stands, with all that it reaches in the copy; nothing where the remote has no such branch.
    func tip() throws -> ObjectID? {
        try remote.copy.fetchBranch(ref, remote: remote.name, note: lockNote)
    }

    /// Puts a commit of a repository on the branch if that still stands where it was seen, and says whether it did.
    func push(_ commit: ObjectID, of repository: GitRepository, over theirs: ObjectID) throws -> Bool {
        try repository.push(
            commit,
            to: remote.repository,
            branch: ref,
            from: theirs,
            message: "ftops: publish to \(branch)",
            note: lockNote
        )
    }
}
