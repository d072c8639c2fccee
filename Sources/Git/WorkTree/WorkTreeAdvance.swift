//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Glibc

/// Moves the branch that is checked out to a commit, and index and work tree with it; nothing else there changes.
///
/// Staged, unstaged and untracked edits stay byte for byte. Where one is in the way, where `index.lock` is held or a
/// merge is under way, nothing happens and the error says which. What is about to be done is noted first, in a file that
/// the caller names and keeps; after a kill `recover` finishes or takes back what was begun.
package struct WorkTreeAdvance {
    /// What a recovery came to.
    package enum Recovery: Hashable, Sendable {
        /// There was no note.
        case nothing
        /// The branch had moved, so index and work tree followed.
        case finished
        /// The branch had not moved, so everything is as it was.
        case takenBack
    }

    /// The moments at which tests stop an advance, as a kill would.
    enum Moment: Hashable {
        case noted
        case locked
        case folders
        case file(Int)
        case prepared
        case moved
        case published
        case unlocked
    }

    let repository: GitRepository
    let branch: String
    let old: ObjectID
    let new: ObjectID
    let notePath: String
    var stop: (Moment) -> Bool = { _ in false }

    /// Plans an advance of a branch, by its full name, from the commit it is at to one that descends from it.
    package init(_ repository: GitRepository, branch: String, from old: ObjectID, to new: ObjectID, note: String) {
        self.repository = repository
        self.branch = branch
        self.old = old
        self.new = new
        notePath = note
    }

    /// Throws where the work tree cannot follow, before anything is done.
    package func check() throws(GitError) { _ = try plan() }

    /// Moves branch, index and work tree; where that fails everything is as it was.
    package func run(message: String) throws(GitError) {
        let note = try plan()
        if let isOurs = try AdvanceIndex(repository: repository, note: note).isOurs(), !isOurs {
            throw AdvanceIndex(repository: repository, note: note).held
        }
        do throws(GitError) {
            try note.write(to: notePath)
            try pass(.noted)
            try perform(note, message: message)
        } catch {
            if error.code == .interrupted { throw error }
            guard try Self.settle(note: notePath) == .finished else { throw error }
        }
    }

    private func perform(_ first: AdvanceNote, message: String) throws(GitError) {
        let index = AdvanceIndex(repository: repository, note: first)
        try index.lock()
        try pass(.locked)
        // Only now does git change neither HEAD nor the index, so this is the look that counts.
        var note = first
        (note.items, note.folders) = try plan(token: first.token).parts
        if note != first { try note.write(to: notePath) }
        try install(note)
        try AdvanceIndex(repository: repository, note: note).prepare()
        try pass(.prepared)
        guard try repository.compareAndSwap(branch, from: old, to: new, message: message) else {
            throw GitError(.branchMoved, "\(branch) moved or is locked meanwhile; try again")
        }
        try pass(.moved)
        try AdvanceIndex(repository: repository, note: note).publish()
        try pass(.published)
        try index.unlock()
        try pass(.unlocked)
        try DurableFile.remove(notePath)
    }

    private func install(_ note: AdvanceNote) throws(GitError) {
        let files = AdvanceFiles(repository: repository, note: note)
        try files.makeFolders()
        try pass(.folders)
        for index in note.items.indices {
            try files.install(index)
            try pass(.file(index))
        }
    }

    private func plan(token: String? = nil) throws(GitError) -> AdvanceNote {
        guard let workTree = repository.workTree else {
            throw GitError(.failed, "\(repository.gitDirectory) has no work tree that could follow \(branch)")
        }
        let check = AdvanceCheck(repository: repository, workTree: workTree, branch: branch, old: old, new: new)
        let parts = try check.items()
        return AdvanceNote(
            token: token ?? String(UInt64.random(in: .min ... .max), radix: 16),
            workTree: workTree,
            gitDirectory: repository.gitDirectory,
            branch: branch,
            old: old,
            new: new,
            items: parts.items,
            folders: parts.folders
        )
    }

    private func pass(_ moment: Moment) throws(GitError) {
        if stop(moment) { throw GitError(.interrupted, "stopped on purpose") }
    }
}

extension AdvanceNote {
    /// What a second look replaces.
    var parts: (items: [Item], folders: [String]) { (items, folders) }
}
