//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Glibc

/// A reference's lock that is about to be taken: by the note of it, whoever goes on after a kill tells the lock that was
/// left from one of the user's.
struct ReferenceLockNote: Hashable {
    private static let heading = "ftops-lock 1"
    /// git holds a lock for an instant, so one of so many seconds belongs to nobody who lives.
    private static let instant = 3

    /// The folder that the repository's references lie in.
    let repository: String
    /// The reference's full name.
    let name: String
    /// What it is moved to.
    let new: ObjectID

    func write(to path: String) throws(GitError) {
        let text = [Self.heading, new.hex, name, repository].joined(separator: "\n")
        try DurableFile.write(Array(text.utf8), to: path + ".part", mode: 0o666, replacing: true)
        try DurableFile.move(path + ".part", over: path)
    }

    /// The note at a path; nothing where none is there.
    static func read(_ path: String) throws(GitError) -> ReferenceLockNote? {
        guard let bytes = try DurableFile.read(path) else { return nil }
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: "\n", maxSplits: 3).map(String.init)
        guard parts.count == 4, parts[0] == heading, let new = ObjectID(hex: parts[1]) else {
            throw GitError(.io, "\(path) is no note of a reference's lock; look at it before you remove it")
        }
        return ReferenceLockNote(repository: parts[3], name: parts[2], new: new)
    }

    /// Removes the lock, once it is old enough to be nobody's, where it holds what was noted or, as libgit2 takes it
    /// before it writes, nothing.
    func removeLock() throws(GitError) {
        guard try DurableFile.kind(repository) == .folder else { return }
        let repository = try GitRepository(path: repository)
        let text = Array("\(new.hex)\n".utf8)
        while let bytes = try DurableFile.read("\(self.repository)/\(name).lock"), text.starts(with: bytes) {
            if try repository.removeLock(of: name, olderThan: Self.instant) { return }
            usleep(50_000)
        }
    }
}

extension GitRepository {
    /// Removes the lock of a reference that a note is left of; the note goes too.
    ///
    /// Called by whoever is alone with the note, such as the next holder of the run's lock.
    package static func removeNotedLock(note path: String) throws(GitError) {
        guard let note = try ReferenceLockNote.read(path) else { return }
        try note.removeLock()
        try DurableFile.remove(path)
    }
}
