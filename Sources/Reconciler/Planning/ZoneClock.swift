//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Foundation
internal import Resources

/// What clocks show in the time zones of the world.
enum ZoneClock {
    /// Seconds by which a zone is ahead of UTC at a time; nothing where there is no such zone.
    static func offset(of zone: String, at time: Timestamp) -> Int64? {
        let date = Date(timeIntervalSince1970: TimeInterval(time.seconds))
        return TimeZone(identifier: zone).map { Int64($0.secondsFromGMT(for: date)) }
    }
}
