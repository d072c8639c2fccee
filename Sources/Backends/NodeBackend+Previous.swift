//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX
package import Runs

// What becomes of a trainer that a killed supervisor left.

extension NodeBackend {
    /// Lets a trainer stop at a checkpoint that a killed supervisor left; nothing where none runs. Whoever calls holds
    /// the run's `run.lock`.
    package func endPrevious(_ folder: RunFolder, notify: (TrainerNotice) -> Void) throws {
        guard try FileLock.tryAcquire(folder.trainerLock) == nil else { return }
        _ = try takeFromPrevious(folder, notify: notify)
    }

    /// Takes `trainer.lock` from a trainer whose supervisor is gone, which whoever holds it is, since the caller holds
    /// `run.lock`.
    func takeFromPrevious(_ folder: RunFolder, notify: (TrainerNotice) -> Void) throws -> FileLock {
        let path = folder.trainerLock
        let leader = folder.process(.trainer)
        let end = MonotonicClock.now + stopGrace + .seconds(60)
        var isTold = false
        while true {
            ProcessGroup.end(grace: stopGrace) {
                let members = ProcessGroup.members(of: leader, holding: path)
                if !isTold, !members.isEmpty { notify(.endingPrevious) }
                isTold = isTold || !members.isEmpty
                return members
            }
            if let lock = try FileLock.tryAcquire(path) { return lock }
            guard MonotonicClock.now < end else {
                throw RunsError(
                    .trainer,
                    "\(path) is held by a process that this user cannot see or end: find it with `fuser \(path)`"
                )
            }
            ChangeWatch(folders: []).wait(timeout: .milliseconds(50))
        }
    }
}
