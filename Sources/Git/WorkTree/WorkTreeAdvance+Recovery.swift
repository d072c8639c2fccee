//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

extension WorkTreeAdvance {
    /// Finishes or takes back the advance that a note is left of; the note goes when all is done.
    ///
    /// Called by whoever is alone with the note, such as the next holder of the run's lock. Only a lock that the note
    /// calls its own is removed; one of the user's stays, and where it is in the way the error says so.
    @discardableResult
    package static func recover(note path: String) throws(GitError) -> Recovery {
        guard let note = try AdvanceNote.read(path) else { return .nothing }
        guard try DurableFile.kind(note.workTree) != .nothing else {
            // The clone was removed, and all that was begun in it.
            try DurableFile.remove(path)
            return .nothing
        }
        let common = try GitRepository(path: note.workTree).commonDirectory
        try ReferenceLockNote(repository: common, name: note.branch, new: note.new).removeLock()
        return try settle(note: path)
    }

    /// The same within the process that made the note, which holds no lock of the branch any more.
    static func settle(note path: String) throws(GitError) -> Recovery {
        guard let note = try AdvanceNote.read(path) else { return .nothing }
        let repository = try GitRepository(path: note.workTree)
        let files = AdvanceFiles(repository: repository, note: note)
        for index in note.items.indices { try files.clear(index) }
        let recovery = try settle(note, repository)
        if recovery == .takenBack { files.removeFolders() }
        try AdvanceIndex(repository: repository, note: note).clear()
        try AdvanceIndex(repository: repository, note: note).unlock()
        try DurableFile.remove(path)
        return recovery
    }

    private static func settle(_ note: AdvanceNote, _ repository: GitRepository) throws(GitError) -> Recovery {
        // A commit that no branch has got may be gone by now, as `git gc` removes such.
        if let tip = try repository.reference(note.branch), try repository.contains(note.new),
            try repository.isAncestor(note.new, of: tip)
        {
            // Where the user went on, to a further commit or another branch, git took care of index and work tree.
            if try repository.head == .branch(name: note.branch, commit: note.new) { try finish(note, repository) }
            return .finished
        }
        let files = AdvanceFiles(repository: repository, note: note)
        let index = try IndexFile(at: "\(note.gitDirectory)/index")
        for (position, item) in note.items.enumerated() {
            // A file that the user has staged since is the user's.
            guard index.entry(at: item.change.path) == item.change.old.indexEntry else { continue }
            try files.takeBack(position)
        }
        return .takenBack
    }

    /// The files were all in place before the branch moved; only the index can be behind.
    ///
    /// Without lock and prepared index it is not, and what it has now is the user's.
    private static func finish(_ note: AdvanceNote, _ repository: GitRepository) throws(GitError) {
        let index = AdvanceIndex(repository: repository, note: note)
        let (isOurs, isPrepared) = (try index.isOurs(), try index.isPrepared())
        guard isOurs == true || isPrepared else { return }
        if isOurs == false { throw index.held }
        if isOurs == nil { try index.lock() }
        try index.prepare()
        try index.publish()
    }
}
