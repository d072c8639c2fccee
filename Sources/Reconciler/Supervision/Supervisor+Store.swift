//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Artifacts
internal import POSIX
internal import Planning
internal import Runs

// A store that is elsewhere, and may be away.

extension Supervisor {
    /// The first pause before the store is asked again, and the longest.
    private static let pauses = (first: Duration.seconds(2), longest: Duration.seconds(60))

    /// What the store gives once it answers. While it does not, what was paid is in this run's folder alone, and nobody
    /// can say whether another repository has the same already: it is asked until somebody ends this process.
    ///
    /// - Throws: what the body throws otherwise: a store that refuses may be asked by a later `ftops` with other keys.
    func whenStoreAnswers<Result>(_ body: () throws -> Result) throws -> Result {
        var pause = Self.pauses.first
        while true {
            do { return try body() } catch let error as ArtifactError where error.isPassing {
                if pause == Self.pauses.first {
                    let notice = "\(error); asking again until it answers"
                    log(notice)
                    folder.addNotice(notice)
                }
                guard waits(pause) else { throw error }
                pause = min(pause * 2, Self.pauses.longest)
                do { try renew(every: Lease.claimRenewal) } catch { log("cannot renew the lease: \(error)") }
            }
        }
    }

    /// Waits; false where somebody asked to end this process.
    private func waits(_ pause: Duration) -> Bool {
        let end = MonotonicClock.now + pause
        while MonotonicClock.now < end {
            if SignalFlags.terminationRequests > 0 { return false }
            ChangeWatch(folders: []).wait(timeout: .milliseconds(250))
        }
        return true
    }
}
