//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Glibc

/// Ends processes that this one did not start: what a killed supervisor left behind.
package enum ProcessGroup {
    /// The numbers of signals that ftops sends.
    package enum Signal {
        /// Asks for an end.
        package static let terminate = SIGTERM
        /// Ends without asking.
        package static let kill = SIGKILL
        /// Ctrl-C.
        package static let interrupt = SIGINT
        /// Ends what has taken too long.
        package static let alarm = SIGALRM
    }

    /// The processes of the session that a process leads or led, and of all who have the file open, but for those of
    /// this process's own session: a child on its way to its program still has what this process has open.
    package static func members(of leader: ProcessIdentity?, holding path: String) -> Set<ProcessIdentity> {
        var found = Set(ProcessEntry.holding(path).map(\.identity))
        if let leader, leader.session == leader.pid, leader.isAlive {
            found.formUnion(ProcessEntry.all().map(\.identity).filter { $0.session == leader.session })
        }
        let own = getsid(0)
        return found.filter { $0.session != own }
    }

    /// Asks processes to end, ends those that still run after the time that they are given, and returns when none is
    /// left. Others that appear in the meantime are found by asking `members` again.
    package static func end(
        grace: Duration,
        members: () -> Set<ProcessIdentity>
    ) {
        let start = MonotonicClock.now
        var asked: Set<ProcessIdentity> = []
        while true {
            let now = members()
            if now.isEmpty { return }
            let isOver = MonotonicClock.now - start >= grace
            for process in now where isOver || !asked.contains(process) {
                if process.isAlive { _ = Glibc.kill(process.pid, isOver ? SIGKILL : SIGTERM) }
            }
            asked.formUnion(now)
            Pause.sleep(.milliseconds(20))
        }
    }
}
