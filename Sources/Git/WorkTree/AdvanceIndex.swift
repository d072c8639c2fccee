//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Glibc

/// The index of an advance: its lock, and its new content.
struct AdvanceIndex {
    let repository: GitRepository
    let note: AdvanceNote

    private var index: String { "\(note.gitDirectory)/index" }

    /// Takes `index.lock` for this advance, by the text that its note has; never another's.
    func lock() throws(GitError) {
        try DurableFile.remove(note.lockToken)
        try DurableFile.write(Array(note.lockText.utf8), to: note.lockToken, mode: 0o666)
        defer { unlink(note.lockToken) }
        guard try DurableFile.linkIfFree(note.lockToken, as: note.indexLock) else { throw held }
    }

    /// Whether the lock is this advance's; nothing where there is none.
    func isOurs() throws(GitError) -> Bool? {
        guard let bytes = try DurableFile.read(note.indexLock) else { return nil }
        return bytes == Array(note.lockText.utf8)
    }

    /// Whether a new index waits to be published.
    func isPrepared() throws(GitError) -> Bool { try DurableFile.kind(note.privateIndex) == .file }

    func unlock() throws(GitError) {
        if try isOurs() == true { try DurableFile.remove(note.indexLock) }
    }

    /// Removes what was written on the way to a new index.
    func clear() throws(GitError) {
        for path in [note.privateIndex, note.privateIndex + ".lock", note.lockToken] { try DurableFile.remove(path) }
    }

    /// Writes the new index beside the old one; entries that the user changed meanwhile stay as they are.
    func prepare() throws(GitError) {
        try DurableFile.remove(note.privateIndex)
        var status = stat()
        if stat(index, &status) == 0, let bytes = try DurableFile.read(index) {
            try DurableFile.write(bytes, to: note.privateIndex, mode: status.st_mode & 0o777)
        }
        let file = try IndexFile(at: note.privateIndex)
        for item in note.items where file.entry(at: item.change.path) == item.change.old.indexEntry {
            if let new = item.change.new {
                try file.put(new, at: item.change.path, status: self.status(of: item))
            } else if item.change.old != nil {
                try file.remove(item.change.path)
            }
        }
        try file.write()
        // libgit2 flushes an index only where it is a repository's own.
        try DurableFile.flush(file: note.privateIndex)
        guard status.st_ino != 0 else { return }
        // git compares the content of files that are as new as the index. A file that was edited in the very moment
        // when it was staged would look clean to an index that only seems newer.
        var times = [status.st_atim, status.st_mtim]
        guard utimensat(AT_FDCWD, note.privateIndex, &times, 0) == 0 else {
            throw GitError.system("write \(note.privateIndex)")
        }
    }

    /// Puts the new index in place of the old one.
    func publish() throws(GitError) { try DurableFile.move(note.privateIndex, over: index) }

    /// What the file system says of the file; without it git compares the content.
    private func status(of item: AdvanceNote.Item) -> stat? {
        var status = stat()
        let isHere = lstat(note.place(item.change.path), &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        guard isHere, let new = item.change.new, (try? repository.hash(ofFile: item.change.path)) == new.id else {
            return nil
        }
        return status
    }

    var held: GitError {
        GitError(
            .indexLocked,
            """
            \(note.indexLock) is held by another git process; try again when it has ended, \
            or remove the file where none runs
            """
        )
    }
}
