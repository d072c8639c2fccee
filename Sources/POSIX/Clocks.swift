//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Glibc

/// Time that only goes forward, also while the machine sleeps; it says nothing about the date.
package enum MonotonicClock {
    /// The time since the machine started.
    package static var now: Duration {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}

/// The date, as the machine has it.
package enum WallClock {
    /// Seconds since 1970 in UTC.
    package static var seconds: Int64 { Int64(time(nil)) }
}

/// Waiting without anything to wait for; only where the kernel offers no event.
package enum Pause {
    /// Waits for a while.
    package static func sleep(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
        _ = nanosleep(&time, nil)
    }
}

extension Duration {
    /// The duration for poll(2), which counts whole milliseconds; rounded up, and never negative.
    var pollMilliseconds: Int32 {
        guard self > .zero else { return 0 }
        let (seconds, attoseconds) = components
        guard seconds < 1_000_000 else { return 1_000_000_000 }
        return Int32(seconds * 1000) + Int32((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
