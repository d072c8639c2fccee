//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
internal import POSIX
package import Resources

extension RunFolder {
    private var indexLockNote: String { path + "/index-lock.json" }

    /// Notes that this run is about to take a repository's `index.lock`, so that the next holder of `run.lock` can tell
    /// one that a kill left from one of the user's. Only the holder of `run.lock` may.
    package func noteIndexLock(_ lock: String, at time: Timestamp) throws {
        let value: JSONValue = ["lock": .string(lock), "time": .int(Int(time.seconds))]
        try DurableFile.write(JSONText.compact(value), to: indexLockNote)
    }

    /// Forgets the note, once the lock was given back.
    package func forgetIndexLock() throws { try Folder.remove(indexLockNote) }

    /// Removes the `index.lock` that an earlier holder of this run noted and did not live to give back; true where there
    /// was one. A lock that was made a minute later than noted, or that a process has open, is the user's and stays.
    @discardableResult
    package func removeLeftIndexLock() throws -> Bool {
        guard FileStatus.isFile(indexLockNote) else { return false }
        let note = try Self.readJSON(indexLockNote)
        defer { try? forgetIndexLock() }
        guard let lock = note["lock"]?.string, Folder.name(of: lock) == "index.lock", let time = note["time"]?.int,
            let status = try FileStatus.of(lock, followingLinks: false), status.kind == .file,
            (Int64(time) - 1...Int64(time) + 60).contains(status.modified), ProcessEntry.holding(lock).isEmpty
        else { return false }
        try Folder.remove(lock)
        return true
    }
}
