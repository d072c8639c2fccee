//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Glibc
internal import Synchronization

/// Tells a lock that a killed process left from one that is held, by how long this process has seen the very same one.
///
/// A lock's own time says the same at once, but for one that was made while the clock was ahead, and one on a disk where
/// this user may not ask for the time.
enum StaleLocks {
    /// Seconds after which a lock of ftops' own is taken for one that a killed process left; a living one holds it for milliseconds.
    static let limit = 60

    /// A lock file, as far as a new one of the same name differs from it.
    struct Identity: Hashable {
        let device: UInt64
        let file: UInt64
        let seconds: Int
        let nanoseconds: Int

        init(_ status: stat) {
            device = UInt64(status.st_dev)
            file = UInt64(status.st_ino)
            (seconds, nanoseconds) = (status.st_ctim.tv_sec, status.st_ctim.tv_nsec)
        }
    }

    /// The locks that were seen, and when first, by the clock that only runs while the machine does.
    struct Sightings {
        private var first: [String: (identity: Identity, time: Int)] = [:]

        /// Notes a lock, and gives the seconds for which it has been seen.
        mutating func note(_ identity: Identity, at path: String, time: Int) -> Int {
            if let known = first[path], known.identity == identity { return time - known.time }
            first[path] = (identity, time)
            return 0
        }
    }

    private static let sightings = Mutex(Sightings())

    /// Whether this process has seen this lock for so long that nobody can be holding it.
    static func isStale(_ status: stat, at path: String, after seconds: Int) -> Bool {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return sightings.withLock { $0.note(Identity(status), at: path, time: now.tv_sec) } > seconds
    }
}
