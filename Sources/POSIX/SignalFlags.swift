//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CPOSIX
internal import Glibc
internal import Synchronization

/// Remembers Ctrl-C and SIGTERM instead of dying of them; `ChangeWatch` wakes up at one.
package enum SignalFlags {
    /// From now on the two signals are counted and nothing else happens. Calling it again changes nothing.
    /// Whoever asks a person something does so before, since Ctrl-C no longer ends a read.
    package static func install() {
        guard pipe.load(ordering: .acquiring) < 0 else { return }
        var ends: [Int32] = [-1, -1]
        guard cposix_pipe(&ends) == 0 else { return }
        for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
        wake.store(ends[0], ordering: .releasing)
        pipe.store(ends[1], ordering: .releasing)
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { number in
            // Only what a signal handler may do: atomics, write(2), and errno left as it was.
            let saved = errno
            if number == SIGINT {
                interrupts.add(1, ordering: .relaxed)
            } else {
                terminations.add(1, ordering: .relaxed)
            }
            var byte: UInt8 = 0
            _ = Glibc.write(pipe.load(ordering: .acquiring), &byte, 1)
            errno = saved
        }
        action.sa_flags = SA_RESTART
        _ = (interrupts.load(ordering: .relaxed), terminations.load(ordering: .relaxed))
        _ = sigaction(SIGINT, &action, nil)
        _ = sigaction(SIGTERM, &action, nil)
        // A parent may have started this process with signals blocked, which would then never come.
        var awaited = sigset_t()
        sigemptyset(&awaited)
        sigaddset(&awaited, SIGINT)
        sigaddset(&awaited, SIGTERM)
        _ = sigprocmask(SIG_UNBLOCK, &awaited, nil)
    }

    /// How often Ctrl-C came.
    package static var interruptions: Int { interrupts.load(ordering: .relaxed) }

    /// How often SIGTERM came.
    package static var terminationRequests: Int { terminations.load(ordering: .relaxed) }

    /// How often either came.
    package static var count: Int { interruptions + terminationRequests }

    /// Whether either came.
    package static var isReceived: Bool { count > 0 }

    /// Polls readable when a signal came; -1 before `install`.
    static var descriptor: Int32 { wake.load(ordering: .acquiring) }
}

// The handler may touch nothing that is made at its first use, so `install` touches all of these before it is set.
private let interrupts = Atomic<Int>(0)
private let terminations = Atomic<Int>(0)
private let pipe = Atomic<Int32>(-1)
private let wake = Atomic<Int32>(-1)
