//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Git
internal import POSIX
internal import Resources

/// The branch in the user's clone, with index and work tree where it is checked out.
struct LocalBranch {
    let repository: GitRepository
    /// The branch's short name.
    let branch: String
    /// How long one waits for another process that locks what is to be moved.
    let patience: Duration

    var ref: String { "refs/heads/\(branch)" }

    /// Where an unfinished change of the work tree is noted, for whoever publishes next from this clone.
    private var note: String { repository.gitDirectory + "/ftops-advance" }
    /// Where the lock of a branch is noted while it is taken.
    private var lockNote: String { repository.gitDirectory + "/ftops-branch-lock" }

    var tip: ObjectID? { get throws { try repository.reference(ref) } }

    /// One process at a time publishes from a clone: the others wait, so that none takes another's work for a dead one's.
    /// What a killed one had begun is finished or taken back.
    func begin() throws -> FileLock {
        let lock = try FileLock.acquire(repository.commonDirectory + "/ftops-publish.lock", permissions: 0o666)
        var patience = Patience(limit: patience)
        while true {
            do {
                try GitRepository.removeNotedLock(note: lockNote)
                try WorkTreeAdvance.recover(note: note)
                return lock
            } catch {
                guard error.code == .indexLocked, patience.wait(at: nil) else { throw error }
            }
        }
    }

    /// Commits a version here where the branch does not have it yet.
    func commit(_ version: VersionCommit) throws -> Publication {
        var patience = Patience(limit: patience)
        while true {
            guard let tip = try tip else {
                throw ReconcilerError(
                    .repository,
                    "branch \(branch) is not there any more; create it again and run ftops apply"
                )
            }
            if let known = try version.find(in: repository, at: tip) {
                return Publication(isPublished: true, number: known.number)
            }
            let (made, number) = try version.write(on: tip, in: repository)
            if try advance(from: tip, to: made) {
                return Publication(isPublished: true, number: number, commit: made)
            }
            guard patience.wait(at: tip) else { throw ReconcilerError(stuck: ref, repository) }
        }
    }

    /// Moves the branch, with index and work tree where it is checked out; false where it has moved meanwhile.
    ///
    /// A git command that holds the index is given a moment to end.
    private func advance(from tip: ObjectID, to commit: ObjectID) throws -> Bool {
        let message = "ftops: publish to \(branch)"
        var patience = Patience(limit: patience)
        while true {
            guard case .branch(ref, _) = try repository.head, !repository.isBare else {
                return try repository.moveBranch(ref, from: tip, to: commit, message: message, note: lockNote)
            }
            do {
                try WorkTreeAdvance(repository, branch: ref, from: tip, to: commit, note: note).run(message: message)
                return true
            } catch {
                if error.code == .branchMoved { return false }
                guard error.code == .indexLocked, patience.wait(at: tip) else { throw error }
            }
        }
    }

    // MARK: Beside a remote

    /// Brings what the remote's branch reaches here, and notes where it stands there.
    func fetch(_ remote: String) throws -> ObjectID? {
        try repository.fetchBranch(ref, remote: remote, note: lockNote)
    }

    /// Whether the branch has commits on top of the remote's tip.
    func isAhead(of theirs: ObjectID, at remote: String) throws -> Bool {
        guard let mine = try tip, mine != theirs else { return false }
        _ = try fetch(remote)
        return try repository.contains(theirs) && repository.isAncestor(theirs, of: mine)
    }

    /// Brings the branch to the remote's tip, where it stood at a tip of the remote's; says what is in the way.
    func follow(_ remote: String) -> [String] {
        do {
            let mine = try tip
            guard let theirs = try fetch(remote), let mine, mine != theirs else { return [] }
            guard try repository.isAncestor(mine, of: theirs),
                try VersionCommit.areAll(from: mine, to: theirs, in: repository)
            else { return ["the branch here is behind \(remote): git pull"] }
            return try advance(from: mine, to: theirs) ? [] : ["the branch here has moved meanwhile: git pull"]
        } catch {
            return ["\(error); then git pull"]
        }
    }
}

extension ReconcilerError {
    /// A branch that somebody holds for too long.
    init(stuck ref: String, _ repository: GitRepository) {
        self.init(
            .repository,
            "\(ref) cannot be moved: see whether a git process hangs that holds "
                + "\(repository.commonDirectory)/\(ref).lock; then run ftops apply to publish"
        )
    }
}
