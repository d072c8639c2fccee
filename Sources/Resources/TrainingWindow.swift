//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// A time of day in which trainings may be started, such as `22:00-06:00 Europe/Berlin`.
package struct TrainingWindow: Hashable, Sendable {
    /// The minute of the day at which it opens.
    package var opens: Int
    /// The minute of the day at which it closes; before the other where it goes over midnight.
    package var closes: Int
    /// The time zone by its name.
    package var zone: String

    /// Makes a window.
    package init(opens: Int, closes: Int, zone: String) {
        self.opens = opens
        self.closes = closes
        self.zone = zone
    }

    /// Reads `22:00-06:00 Europe/Berlin`; without a zone it is UTC. Whether there is such a zone is for others to say.
    package init?(_ text: String) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: true)
        let times = parts.first?.split(separator: "-", omittingEmptySubsequences: false).map(Self.minute) ?? []
        guard (1...2).contains(parts.count), times.count == 2, let opens = times[0], let closes = times[1],
            opens != closes, opens < Self.day
        else { return nil }
        self.init(opens: opens, closes: closes, zone: parts.count == 2 ? String(parts[1]) : "UTC")
    }

    /// Minutes of a day.
    package static let day = 1440

    /// Whether it is open at a minute of the day there.
    package func isOpen(atMinute minute: Int) -> Bool {
        opens < closes ? (opens..<closes).contains(minute) : minute >= opens || minute < closes
    }

    /// The window as it is written.
    package var text: String { "\(Self.text(opens))-\(Self.text(closes)) \(zone)" }

    private static func minute(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { 0x30...0x39 ~= $0 } }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), minute < 60, hour * 60 + minute <= day
        else { return nil }
        return hour * 60 + minute
    }

    private static func text(_ minute: Int) -> String {
        [minute / 60, minute % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }
}
