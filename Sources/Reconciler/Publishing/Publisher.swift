//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Foundation
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
    /// A file in which an unfinished change of the work tree is noted, for whoever goes on after a kill.
    package let note: String

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
    package init(local: GitRepository, remote: Remote?, branch: String, push: Bool, note: String) {
        self.local = local
        self.remote = remote
        self.branch = branch
        self.push = push
        self.note = note
    }

    private var lockNote: String { Self.lockNote(note) }

    private static func lockNote(_ note: String) -> String { note + ".ref" }

    /// Whether a publishing that noted what it did here was cut short.
    package static func isCutShort(note: String) -> Bool {
        FileStatus.isFile(note) || FileStatus.isFile(lockNote(note))
    }

    /// Finishes or takes back what a publishing that was cut short left: a branch's lock, a change of the work tree.
    package static func recover(note: String) throws {
        try GitRepository.removeNotedLock(note: lockNote(note))
        _ = try WorkTreeAdvance.recover(note: note)
    }

    private var ref: String { "refs/heads/\(branch)" }

    /// Commits a version, or what was added to its record, where the branch does not have it yet.
    package func publish(_ record: VersionRecord, description: Model?, isExtension: Bool = false) throws -> Publication
    {
        try Self.recover(note: note)
        guard let remote else { return try commitHere(record, description: description, isExtension: isExtension) }
        return try publish(record, to: remote, description: description, isExtension: isExtension)
    }

    private func publish(
        _ record: VersionRecord,
        to remote: Remote,
        description: Model?,
        isExtension: Bool
    ) throws -> Publication {
        let theirs = try remote.repository.reference(ref)
        let mine = try local.reference(ref)
        if !isExtension, let known = try find(record, in: remote.repository, at: theirs) {
            return Publication(isPublished: true, number: known.number, notes: try follow(remote, from: mine))
        }
        guard let theirs else {
            let here = try commitHere(record, description: description, isExtension: isExtension)
            return waiting(here, "\(remote.name) has no branch \(branch) yet: git push -u \(remote.name) \(branch)")
        }
        let isAhead = try isAhead(mine, of: theirs, remote)
        if !isExtension, let mine, let known = try find(record, in: local, at: mine) {
            guard push, isAhead, try onlyVersions(from: theirs, to: mine) else {
                return Publication(isPublished: false, number: known.number, notes: [pushHint(remote)])
            }
            return try pushTip(mine, over: theirs, remote, number: known.number)
        }
        if !push || isAhead {
            let here = try commitHere(record, description: description, isExtension: isExtension)
            return waiting(here, pushHint(remote))
        }
        return try commit(record, onto: theirs, of: remote, description: description, isExtension: isExtension)
    }

    private func commit(
        _ record: VersionRecord,
        onto tip: ObjectID,
        of remote: Remote,
        description: Model?,
        isExtension: Bool
    ) throws -> Publication {
        let before = try local.reference(ref)
        let (made, number) = try makeCommit(record, on: tip, in: remote.repository, description: description)
        let message = "ftops: publish \(record.model)"
        guard try remote.repository.moveBranch(ref, from: tip, to: made, message: message, note: lockNote) else {
            try pause(remote.repository, at: tip)
            return try publish(record, to: remote, description: description, isExtension: isExtension)
        }
        return Publication(
            isPublished: true,
            number: number,
            commit: made,
            notes: try follow(remote, from: before)
        )
    }

    private func commitHere(_ record: VersionRecord, description: Model?, isExtension: Bool) throws -> Publication {
        guard let tip = try local.reference(ref) else {
            throw ReconcilerError(
                .repository,
                "branch \(branch) is not there any more; create it again and run ftops apply"
            )
        }
        if !isExtension, let known = try find(record, in: local, at: tip) {
            return Publication(isPublished: true, number: known.number)
        }
        let (made, number) = try makeCommit(record, on: tip, in: local, description: description)
        guard try advance(from: tip, to: made) else {
            try pause(local, at: tip)
            return try commitHere(record, description: description, isExtension: isExtension)
        }
        return Publication(isPublished: true, number: number, commit: made)
    }

    private func makeCommit(
        _ record: VersionRecord,
        on tip: ObjectID,
        in repository: GitRepository,
        description: Model?
    ) throws -> (ObjectID, Int?) {
        let tree = VersionTree(existing: try PublishedVersions.read(repository, tip))
        let addition = tree.adding(record, description: description)
        let root = try repository.writeTree(basedOn: tip, changes: addition.files.mapValues { Optional($0) })
        let made = try repository.writeCommit(
            tree: root,
            parents: [tip],
            message: VersionMessage.text(addition.record),
            author: try local.configuredIdentity(.author),
            committer: try local.configuredIdentity(.committer)
        )
        return (made, addition.record.number)
    }

    /// Moves the branch here, with index and work tree where it is checked out.
    private func advance(from tip: ObjectID, to commit: ObjectID) throws -> Bool {
        let message = "ftops: publish to \(branch)"
        guard case .branch(ref, _) = try local.head, !local.isBare else {
            return try local.moveBranch(ref, from: tip, to: commit, message: message, note: lockNote)
        }
        var looks = 0
        while true {
            do {
                try WorkTreeAdvance(local, branch: ref, from: tip, to: commit, note: note).run(message: message)
                return true
            } catch {
                if error.code == .branchMoved { return false }
                // Editors and shells refresh the index for a moment, and so does another ftops that publishes.
                guard error.code == .indexLocked, looks < Self.patience else { throw error }
                looks += 1
                Thread.sleep(forTimeInterval: Self.breath)
            }
        }
    }

    /// How often, and with what pause in seconds, it is looked again whether another process has finished.
    private static let patience = 100
    private static let breath = 0.02

    /// Lets another process that moves the branch finish; one that holds its lock and does not move it is not waited
    /// for for ever.
    private func pause(_ repository: GitRepository, at tip: ObjectID) throws {
        for _ in 0..<Self.patience {
            if try repository.reference(ref) != tip { return }
            Thread.sleep(forTimeInterval: Self.breath)
        }
        guard try repository.reference(ref) != tip else {
            throw ReconcilerError(
                .repository,
                "\(ref) cannot be moved: see whether a git process hangs that holds "
                    + "\(repository.commonDirectory)/\(ref).lock; then run ftops apply to publish"
            )
        }
    }

    /// Brings the branch here to the remote's tip, where it stood at a tip of the remote's.
    private func follow(_ remote: Remote, from mine: ObjectID?) throws -> [String] {
        guard let theirs = try fetch(remote), let mine, mine != theirs else { return [] }
        guard try local.isAncestor(mine, of: theirs), try onlyVersions(from: mine, to: theirs) else {
            return ["the branch here is behind \(remote.name): git pull"]
        }
        do {
            return try advance(from: mine, to: theirs) ? [] : ["the branch here has moved meanwhile: git pull"]
        } catch let error as GitError {
            return ["\(error.message); then git pull"]
        }
    }

    /// Brings the tip of the remote's branch here, with all that it needs, and where git keeps what it saw of it.
    @discardableResult
    private func fetch(_ remote: Remote) throws -> ObjectID? {
        guard let tip = try remote.repository.reference(ref) else { return nil }
        let tracking = "refs/remotes/\(remote.name)/\(branch)"
        let seen = try local.reference(tracking)
        guard seen != tip else { return tip }
        try remote.repository.copy(tip, excluding: seen.map { [$0] } ?? [], to: local)
        let message = "ftops: fetch from \(remote.name)"
        // Where git itself is at it, it brings the same.
        _ = try local.compareAndSwap(tracking, from: seen, to: tip, message: message, note: lockNote)
        return tip
    }

    private func pushTip(_ mine: ObjectID, over theirs: ObjectID, _ remote: Remote, number: Int?) throws -> Publication
    {
        let moved = try local.push(
            mine,
            to: remote.repository,
            branch: ref,
            from: theirs,
            message: "ftops: push \(branch)",
            note: lockNote
        )
        guard moved else {
            return Publication(isPublished: false, number: number, notes: [pushHint(remote)])
        }
        try fetch(remote)
        return Publication(isPublished: true, number: number, commit: mine)
    }

    private func find(_ record: VersionRecord, in repository: GitRepository, at tip: ObjectID?) throws -> VersionRecord?
    {
        guard let tip else { return nil }
        return try PublishedVersions.read(repository, tip)
            .first { $0.model == record.model && $0.id == record.id }
    }

    private func isAhead(_ mine: ObjectID?, of theirs: ObjectID, _ remote: Remote) throws -> Bool {
        guard let mine, mine != theirs else { return false }
        try fetch(remote)
        return try local.isAncestor(theirs, of: mine)
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
