//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Git
internal import POSIX
package import Resources

/// Commits versions back: onto the branch of the remote where there is one, else onto the branch of the user's clone.
///
/// The branch moves by one commit, compare-and-swap; who loses reads the tip again and makes the commit anew. With a
/// remote the commit is made in this machine's own copy of it and pushed; branch, index and work tree of the clone
/// follow where it is there and stood at the tip that was built on, and nothing else in it changes.
package struct Publisher {
    /// The user's clone.
    package enum Clone {
        case present(GitRepository)
        /// It cannot be used, and why.
        case gone(String)
    }

    /// A remote that is a folder.
    package struct Remote {
        /// The remote's name, such as `origin`.
        package let name: String
        /// The repository itself.
        package let repository: GitRepository
        /// This machine's bare copy of it.
        package let copy: GitRepository

        /// Makes a remote.
        package init(name: String, repository: GitRepository, copy: GitRepository) {
            self.name = name
            self.repository = repository
            self.copy = copy
        }
    }

    /// The moments of publishing to a remote at which tests stop, as a kill would.
    enum Moment: CaseIterable {
        case fetched
        case committed
        case pushed
        case followed
    }

    struct Interrupted: Error {}

    /// The user's clone.
    package let clone: Clone
    /// The remote, opened; nothing where versions stay in the clone.
    package let remote: Remote?
    /// The branch's short name.
    package let branch: String
    /// Whether versions are pushed.
    package let push: Bool
    /// By whom they are committed.
    package let identity: CommitIdentity
    /// How long one waits for another process that locks what is to be moved.
    package var patience = Duration.seconds(2)
    var stop: (Moment) -> Bool = { _ in false }

    /// Makes a publisher.
    package init(clone: Clone, remote: Remote?, branch: String, push: Bool, identity: CommitIdentity) {
        self.clone = clone
        self.remote = remote
        self.branch = branch
        self.push = push
        self.identity = identity
    }

    /// Commits a version, or what was added to its record, where the branch does not have it yet.
    package func publish(
        _ record: VersionRecord,
        description: Model?,
        as content: Publication.Content = .version
    ) throws -> Publication {
        let version = VersionCommit(record: record, description: description, content: content, identity: identity)
        guard let theirs = remoteBranch else {
            return try withLocal { try $0.commit(version) }
        }
        let turn = try theirs.begin()
        defer { withExtendedLifetime(turn) {} }
        return try withClone { here in
            var patience = Patience(limit: patience)
            while true {
                let tip = try theirs.tip()
                try pass(.fetched)
                if let done = try publish(version, to: theirs, at: tip, here) { return done }
                guard patience.wait(at: tip) else { throw ReconcilerError(stuck: theirs.ref, theirs.remote.repository) }
            }
        }
    }

    /// Finishes or takes back what a killed process had begun, so that neither a lock nor a file of it is in git's way.
    package func recover() throws {
        if let remoteBranch { withExtendedLifetime(try remoteBranch.begin()) {} }
        try withLocal { _ in }
    }

    /// Pushes the versions that the branch here has on top of the remote's, if it has nothing else there; tells
    /// whether it had any.
    package func pushVersions() throws -> Bool {
        guard push, let theirs = remoteBranch else { return false }
        let turn = try theirs.begin()
        defer { withExtendedLifetime(turn) {} }
        return try withLocal { here in
            guard let mine = try here.tip, let tip = try theirs.remote.repository.reference(theirs.ref),
                try here.isAhead(of: tip, at: theirs.remote.name),
                try VersionCommit.areAll(from: tip, to: mine, in: here.repository)
            else { return false }
            return try push(mine, of: here, to: theirs, over: tip)
        }
    }

    private var remoteBranch: RemoteBranch? { remote.map { RemoteBranch(remote: $0, branch: branch) } }

    // MARK: The clone

    /// The clone while it is this process's turn there, or why it takes no part.
    private enum Here {
        case local(LocalBranch)
        case gone(String)

        func follow(_ remote: String) -> [String] {
            switch self {
            case .local(let branch): branch.follow(remote)
            case .gone(let reason): [reason]
            }
        }
    }

    private func withLocal<Result>(_ body: (LocalBranch) throws -> Result) throws -> Result {
        switch clone {
        case .gone(let reason): throw ReconcilerError(.repository, reason)
        case .present(let repository):
            let local = LocalBranch(repository: repository, branch: branch, patience: patience)
            let lock = try local.begin()
            defer { withExtendedLifetime(lock) {} }
            return try body(local)
        }
    }

    /// Where there is a remote, a clone that is gone or in disorder is in the way of nothing.
    private func withClone(_ body: (Here) throws -> Publication) throws -> Publication {
        guard case .present(let repository) = clone else {
            guard case .gone(let reason) = clone else { preconditionFailure("a clone is present or gone") }
            return try body(.gone(reason))
        }
        let local = LocalBranch(repository: repository, branch: branch, patience: patience)
        let lock: FileLock
        do {
            lock = try local.begin()
        } catch {
            return try body(.gone("\(error); then git pull"))
        }
        defer { withExtendedLifetime(lock) {} }
        return try body(.local(local))
    }

    // MARK: The remote

    /// How the clone's branch stands to the remote's.
    private struct Standing {
        let isAhead: Bool
        /// The version, where the clone's branch has it and the remote's has not.
        let known: VersionRecord?
        let mine: ObjectID?
    }

    /// Nothing where the remote's branch has moved meanwhile.
    private func publish(
        _ version: VersionCommit,
        to theirs: RemoteBranch,
        at tip: ObjectID?,
        _ here: Here
    ) throws -> Publication? {
        let name = theirs.remote.name
        if let known = try version.find(in: theirs.remote.copy, at: tip) {
            return Publication(isPublished: true, number: known.number, notes: here.follow(name))
        }
        guard let tip else {
            return try commit(version, in: here, "\(name) has no branch \(branch) yet: git push -u \(name) \(branch)")
        }
        let (standing, here) = standing(of: here, to: tip, version, name)
        if let standing, let known = standing.known, let mine = standing.mine, case .local(let local) = here {
            guard push, standing.isAhead, try VersionCommit.areAll(from: tip, to: mine, in: local.repository) else {
                return Publication(isPublished: false, number: known.number, notes: [pushHint(name)])
            }
            let isPushed = try push(mine, of: local, to: theirs, over: tip)
            return isPushed ? Publication(isPublished: true, number: known.number, commit: mine) : nil
        }
        if !push || standing?.isAhead == true { return try commit(version, in: here, pushHint(name)) }
        let (made, number) = try version.write(on: tip, in: theirs.remote.copy)
        try pass(.committed)
        guard try theirs.push(made, of: theirs.remote.copy, over: tip) else { return nil }
        try pass(.pushed)
        let notes = here.follow(name)
        try pass(.followed)
        return Publication(isPublished: true, number: number, commit: made, notes: notes)
    }

    /// How the clone stands; one that cannot say it takes no further part.
    private func standing(
        of here: Here,
        to tip: ObjectID,
        _ version: VersionCommit,
        _ remote: String
    ) -> (Standing?, Here) {
        guard case .local(let local) = here else { return (nil, here) }
        do {
            let mine = try local.tip
            let isAhead = try local.isAhead(of: tip, at: remote)
            let known = try version.find(in: local.repository, at: mine)
            return (Standing(isAhead: isAhead, known: known, mine: mine), here)
        } catch {
            return (nil, .gone("\(error); then git pull"))
        }
    }

    /// Commits in the clone what is not to be pushed, or not yet.
    private func commit(_ version: VersionCommit, in here: Here, _ note: String) throws -> Publication {
        switch here {
        case .local(let local):
            let made = try local.commit(version)
            return Publication(isPublished: false, number: made.number, commit: made.commit, notes: made.notes + [note])
        case .gone(let reason):
            return Publication(isPublished: false, notes: [reason, "ftops apply in another clone publishes it"])
        }
    }

    private func push(
        _ mine: ObjectID,
        of here: LocalBranch,
        to theirs: RemoteBranch,
        over tip: ObjectID
    ) throws -> Bool {
        guard try theirs.push(mine, of: here.repository, over: tip) else { return false }
        // The push is done, whether or not it can be noted here.
        _ = try? here.fetch(theirs.remote.name)
        return true
    }

    private func pushHint(_ remote: String) -> String {
        "the version is on \(branch) here and not on \(remote) yet: git push \(remote) \(branch)"
    }

    private func pass(_ moment: Moment) throws { if stop(moment) { throw Interrupted() } }
}
