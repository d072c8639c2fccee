//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX

/// Reads `events.jsonl` as it grows: each call gives the events that were added since the last.
package struct EventReader {
    private let path: String
    /// Where the next line begins.
    package private(set) var offset: Int

    /// Reads from an offset that an earlier reader had, or from the start.
    package init(_ path: String, offset: Int = 0) {
        self.path = path
        self.offset = offset
    }

    /// The events of the whole lines that were added; a last line without its end waits for the next call, and lines
    /// that are no events are passed over. A file that became shorter is read from its start.
    package mutating func next() throws -> [TimedEvent] {
        guard let status = try FileStatus.of(path) else { return [] }
        if status.size < offset { offset = 0 }
        guard status.size > offset else { return [] }
        let file = try OpenFile(path, .read)
        var pending: [UInt8] = []
        var events: [TimedEvent] = []
        while true {
            let part = try file.read(upTo: 1 << 20, at: offset + pending.count)
            if part.isEmpty { return events }
            pending += part
            guard let end = pending.lastIndex(of: UInt8(ascii: "\n")) else { continue }
            events += pending[...end].split(separator: UInt8(ascii: "\n")).compactMap { TimedEvent(line: $0) }
            offset += end + 1
            pending.removeSubrange(...end)
        }
    }
}
