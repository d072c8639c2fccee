//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Git
internal import POSIX

/// A remote that is away while `apply --wait` waits: it is asked again and again, ever more seldom. What cannot be
/// reached is unknown, and not failed.
struct Absence {
    let reporter: ApplyReporter
    /// How long it is until it is asked again.
    private var pause = Duration.milliseconds(500)
    private var isTold = false

    private static let longest = Duration.seconds(60)

    init(reporter: ApplyReporter) { self.reporter = reporter }

    /// Waits until it is time to ask again; false where somebody asked to leave.
    mutating func wait(after error: GitError) -> Bool {
        if !isTold { reporter.say("\(error); asking again until it can be") }
        isTold = true
        let end = MonotonicClock.now + pause
        pause = min(pause * 2, Self.longest)
        while MonotonicClock.now < end {
            if reporter.shouldLeave() { return false }
            ChangeWatch(folders: []).wait(timeout: .milliseconds(250))
        }
        return true
    }
}
