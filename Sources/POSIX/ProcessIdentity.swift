//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Glibc

/// Which process: its id alone may be given to another after its end, so the time of its start comes with it.
package struct ProcessIdentity: Hashable, Sendable {
    /// The process's id.
    package let pid: Int32
    /// When it started, in the kernel's ticks since the machine did.
    package let startTime: UInt64
    /// The session that it belongs to, by its leader's id.
    package let session: Int32
    /// Which start of the machine those ticks count from.
    package let boot: String

    /// Makes an identity from what was written down.
    package init(pid: Int32, startTime: UInt64, session: Int32, boot: String) {
        self.pid = pid
        self.startTime = startTime
        self.session = session
        self.boot = boot
    }

    /// A process that is there now, be it one that has ended and was not reaped; nothing where there is none.
    package static func of(_ pid: Int32) -> ProcessIdentity? { ProcessEntry.read(pid)?.identity }

    /// This process.
    package static var current: ProcessIdentity? { of(getpid()) }

    /// Whether that very process still runs.
    package var isAlive: Bool {
        guard let entry = ProcessEntry.read(pid), entry.identity == self else { return false }
        return !entry.hasEnded
    }
}

/// A process as `/proc` has it now.
package struct ProcessEntry: Hashable, Sendable {
    /// Who it is.
    package let identity: ProcessIdentity
    /// Whether it has ended and only waits to be reaped.
    package let hasEnded: Bool

    /// Reads a process's entry; nothing where there is no such process.
    package static func read(_ pid: Int32) -> ProcessEntry? {
        guard let bytes = try? FileContents.read("/proc/\(pid)/stat", limit: 1 << 16) else { return nil }
        return parse(String(decoding: bytes, as: UTF8.self), pid: pid, boot: Machine.boot)
    }

    /// Reads the line of `/proc/PID/stat`. The program's name stands in parentheses and may hold any, so fields count
    /// from the last one.
    static func parse(_ line: String, pid: Int32, boot: String) -> ProcessEntry? {
        guard let close = line.lastIndex(of: ")") else { return nil }
        let fields = line[line.index(after: close)...].split(separator: " ")
        guard fields.count > 19, let session = Int32(fields[3]), let start = UInt64(fields[19]) else { return nil }
        return ProcessEntry(
            identity: ProcessIdentity(pid: pid, startTime: start, session: session, boot: boot),
            hasEnded: fields[0] == "Z" || fields[0] == "X"
        )
    }

    /// All processes that run now.
    package static func all() -> [ProcessEntry] {
        let names = (try? Folder.names(in: "/proc")) ?? []
        return names.compactMap { Int32($0) }.compactMap { read($0) }.filter { !$0.hasEnded }
    }

    /// Those that have a file open, as far as this user may see.
    package static func holding(_ path: String) -> [ProcessEntry] {
        guard let wanted = Folder.resolved(path) else { return [] }
        return all().filter { entry in
            let folder = "/proc/\(entry.identity.pid)/fd"
            let names = (try? Folder.names(in: folder)) ?? []
            return names.contains { Folder.linkTarget(folder + "/" + $0) == wanted }
        }
    }
}
