//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Git
internal import Ledger
internal import POSIX
internal import Planning
package import Resources

/// Commits versions back: onto the branch of the remote where there is one, else onto the branch here.
///
/// The branch moves by one commit, compare-and-swap; who loses reads the tip again and makes the commit anew. The work
/// tree follows where the branch is checked out and stood at the tip that was built on, and nothing else there changes.
package struct Publisher {
    /// The user's repository.
    package let local: GitRepository
    /// The remote, opened, and its name; nothing where versions stay here.
    package let remote: Remote?
    /// The branch's short name.
    package let branch: String
    /// Whether versions are pushed.
    package let push: Bool
    /// How long one waits for another process that locks what is to be moved.
    package var patience = Duration.seconds(2)

    /// A remote that is a folder.
    package struct Remote {
        /// The remote's name, such as `origin`.
        package let name: String
        /// The repository itself.
        package let repository: GitRepository

        /// Makes a remote.
        package init(name: String, repository: GitRepository) {
            self.name = name
            self.repository = repository
        }
    }

    /// Makes a publisher.
    package init(local: GitRepository, remote: Remote?, branch: String, push: Bool) {
        self.local = local
        self.remote = remote
        self.branch = branch
        self.push = push
    }

    private var ref: String { "refs/heads/\(branch)" }

    /// Where an unfinished change of the work tree is noted, for whoever publishes next from this clone.
    private var note: String { local.gitDirectory + "/ftops-advance" }
    /// Where the lock of a branch is noted while it is taken.
    private var lockNote: String { local.gitDirectory + "/ftops-branch-lock" }

    /// Commits a version, or what was added to its record, where the branch does not have it yet.
    package func publish(
        _ record: VersionRecord,
        description: Model?,
        as content: Publication.Content = .version
    ) throws -> Publication {
        let lock = try begin()
        defer { withExtendedLifetime(lock) {} }
        let version = Version(record: record, description: description, content: content)
        guard let remote else { return try commitHere(version) }
        var patience = Patience(limit: patience)
        while true {
            let theirs = try remote.repository.reference(ref)
            if let done = try publish(version, to: remote, at: theirs) { return done }
            guard patience.wait(at: theirs) else { throw stuck(remote.repository) }
        }
    }

    /// Finishes or takes back what a killed process had begun, so that neither a lock nor a file of it is in git's way.
    package func recover() throws { withExtendedLifetime(try begin()) {} }

    /// Pushes the versions that the branch here has on top of the remote's, if it has nothing else there; tells
    /// whether it had any.
    package func pushVersions() throws -> Bool {
        let lock = try begin()
        defer { withExtendedLifetime(lock) {} }
        guard push, let remote, let mine = try local.reference(ref), let theirs = try remote.repository.reference(ref),
            try isAhead(mine, of: theirs, remote), try onlyVersions(from: theirs, to: mine)
        else { return false }
        return try pushTip(mine, over: theirs, remote, number: nil) != nil
    }

    /// One process at a time publishes from a clone: the others wait, so that none takes another's work for a dead one's.
    private func begin() throws -> FileLock {
        let lock = try FileLock.acquire(local.commonDirectory + "/ftops-publish.lock", permissions: 0o666)
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

    /// What is published.
    private struct Version {
        let record: VersionRecord
        let description: Model?
        let content: Publication.Content
    }

    /// Nothing where the remote's branch has moved meanwhile.
    private func publish(_ version: Version, to remote: Remote, at theirs: ObjectID?) throws -> Publication? {
        let mine = try local.reference(ref)
        if let known = try find(version, in: remote.repository, at: theirs) {
            return Publication(isPublished: true, number: known.number, notes: follow(remote, from: mine))
        }
        guard let theirs else {
            let here = try commitHere(version)
            return waiting(here, "\(remote.name) has no branch \(branch) yet: git push -u \(remote.name) \(branch)")
        }
        let isAhead = try isAhead(mine, of: theirs, remote)
        if let mine, let known = try find(version, in: local, at: mine) {
            guard push, isAhead, try onlyVersions(from: theirs, to: mine) else {
                return Publication(isPublished: false, number: known.number, notes: [pushHint(remote)])
            }
            return try pushTip(mine, over: theirs, remote, number: known.number)
        }
        if !push || isAhead { return waiting(try commitHere(version), pushHint(remote)) }
        let (made, number) = try makeCommit(version, on: theirs, in: remote.repository)
        let message = "ftops: publish \(version.record.model)"
        guard try remote.repository.moveBranch(ref, from: theirs, to: made, message: message, note: lockNote) else {
            return nil
        }
        return Publication(isPublished: true, number: number, commit: made, notes: follow(remote, from: mine))
    }

    private func commitHere(_ version: Version) throws -> Publication {
        var patience = Patience(limit: patience)
        while true {
            guard let tip = try local.reference(ref) else {
                throw ReconcilerError(
                    .repository,
                    "branch \(branch) is not there any more; create it again and run ftops apply"
                )
            }
            if let known = try find(version, in: local, at: tip) {
                return Publication(isPublished: true, number: known.number)
            }
            let (made, number) = try makeCommit(version, on: tip, in: local)
            if try advance(from: tip, to: made) {
                return Publication(isPublished: true, number: number, commit: made)
            }
            guard patience.wait(at: tip) else { throw stuck(local) }
        }
    }

    private func makeCommit(
        _ version: Version,
        on tip: ObjectID,
        in repository: GitRepository
    ) throws -> (ObjectID, Int?) {
        let tree = VersionTree(existing: try PublishedVersions.read(repository, tip))
        let addition = tree.adding(version.record, description: version.description)
        let root = try repository.writeTree(basedOn: tip, changes: addition.files.mapValues { Optional($0) })
        let made = try repository.writeCommit(
            tree: root,
            parents: [tip],
            message: VersionMessage.text(addition.record, as: version.content),
            author: try local.configuredIdentity(.author),
            committer: try local.configuredIdentity(.committer)
        )
        return (made, addition.record.number)
    }

    /// Moves the branch here, with index and work tree where it is checked out; false where it has moved meanwhile.
    ///
    /// A git command that holds the index is given a moment to end.
    private func advance(from tip: ObjectID, to commit: ObjectID) throws -> Bool {
        let message = "ftops: publish to \(branch)"
        var patience = Patience(limit: patience)
        while true {
            guard case .branch(ref, _) = try local.head, !local.isBare else {
                return try local.moveBranch(ref, from: tip, to: commit, message: message, note: lockNote)
            }
            do {
                try WorkTreeAdvance(local, branch: ref, from: tip, to: commit, note: note).run(message: message)
                return true
            } catch {
                if error.code == .branchMoved { return false }
                guard error.code == .indexLocked, patience.wait(at: tip) else { throw error }
            }
        }
    }

    private func stuck(_ repository: GitRepository) -> ReconcilerError {
        ReconcilerError(
            .repository,
            "\(ref) cannot be moved: see whether a git process hangs that holds "
                + "\(repository.commonDirectory)/\(ref).lock; then run ftops apply to publish"
        )
    }

    /// Brings the branch here to the remote's tip, where it stood at a tip of the remote's; says what is in the way.
    private func follow(_ remote: Remote, from mine: ObjectID?) -> [String] {
        do {
            let theirs = try local.fetchBranch(ref, remote: remote.name, note: lockNote)
            guard let mine, let theirs, mine != theirs else { return [] }
            guard try local.isAncestor(mine, of: theirs), try onlyVersions(from: mine, to: theirs) else {
                return ["the branch here is behind \(remote.name): git pull"]
            }
            return try advance(from: mine, to: theirs) ? [] : ["the branch here has moved meanwhile: git pull"]
        } catch {
            return ["\(error); then git pull"]
        }
    }

    private func pushTip(_ mine: ObjectID, over theirs: ObjectID, _ remote: Remote, number: Int?) throws -> Publication?
    {
        let moved = try local.push(
            mine,
            to: remote.repository,
            branch: ref,
            from: theirs,
            message: "ftops: push \(branch)",
            note: lockNote
        )
        guard moved else { return nil }
        // The push is done, whether or not it can be noted here.
        _ = try? local.fetchBranch(ref, remote: remote.name, note: lockNote)
        return Publication(isPublished: true, number: number, commit: mine)
    }

    private func find(_ version: Version, in repository: GitRepository, at tip: ObjectID?) throws -> VersionRecord? {
        guard let tip, !version.content.isExtension else { return nil }
        return try PublishedVersions.read(repository, tip)
            .first { $0.model == version.record.model && $0.id == version.record.id }
    }

    private func isAhead(_ mine: ObjectID?, of theirs: ObjectID, _ remote: Remote) throws -> Bool {
        guard let mine, mine != theirs else { return false }
        _ = try local.fetchBranch(ref, remote: remote.name, note: lockNote)
        return try local.contains(theirs) && local.isAncestor(theirs, of: mine)
    }

    /// Whether all commits from one to the other are versions that ftops committed.
    private func onlyVersions(from old: ObjectID, to new: ObjectID) throws -> Bool {
        try local.log(from: new, excluding: [old]).allSatisfy { VersionMessage.isOne($0.message) }
    }

    private func waiting(_ publication: Publication, _ note: String) -> Publication {
        Publication(
            isPublished: false,
            number: publication.number,
            commit: publication.commit,
            notes: publication.notes + [note]
        )
    }

    private func pushHint(_ remote: Remote) -> String {
        "the version is on \(branch) here and not on \(remote.name) yet: git push \(remote.name) \(branch)"
    }
}

/// How long one tries to move a branch that others move or lock at the same time: for as long as it gets on, and for a
/// moment where it does not.
private struct Patience {
    let limit: Duration
    private var tip: ObjectID?
    private var since: Duration?

    init(limit: Duration) { self.limit = limit }

    /// Waits a little after a refusal; false where nothing has moved for too long.
    mutating func wait(at tip: ObjectID?) -> Bool {
        let now = MonotonicClock.now
        if since == nil || self.tip != tip { (self.tip, since) = (tip, now) }
        guard let since, now - since < limit else { return false }
        ChangeWatch(folders: []).wait(timeout: .milliseconds(20))
        return true
    }
}
