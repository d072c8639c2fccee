//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Git
internal import POSIX

/// How long one tries to move a branch that others move or lock at the same time: for as long as it gets on, and for a
/// moment where it does not.
struct Patience {
    let limit: Duration
    private var tip: ObjectID?
    private var since: Duration?

    init(limit: Duration) { self.limit = limit }

    /// Waits a little after a refusal; false where nothing has moved for too long.
    mutating func wait(at tip: ObjectID?) -> Bool {
        let now = MonotonicClock.now
        if since == nil || self.tip != tip { (self.tip, since) = (tip, now) }
        guard let since, now - since < limit else { return false }
        ChangeWatch(folders: []).wait(timeout: .milliseconds(20))
        return true
    }
}
