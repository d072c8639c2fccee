//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Glibc

/// Sleeps until something happens in a folder, a child ends, or a signal comes, so that nobody has to look and look.
package final class ChangeWatch {
    private let notifications: OpenFile?
    /// Where the kernel cannot tell of changes, this is how often the caller looks.
    private let fallback: Duration = .milliseconds(200)

    /// Watches for files that are made, changed, moved or removed directly in these folders.
    package init(folders: [String]) {
        let descriptor = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
        guard descriptor >= 0 else {
            notifications = nil
            return
        }
        let file = OpenFile(descriptor: descriptor, path: "inotify")
        let mask = UInt32(IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_CLOSE_WRITE)
        let isWatched = folders.allSatisfy { inotify_add_watch(descriptor, $0, mask) >= 0 }
        notifications = isWatched ? file : nil
    }

    /// Returns at the first change since the last call, at the child's end, when there is something to read, at a
    /// signal, or when the time is over; true where a read would not wait.
    @discardableResult
    package func wait(timeout: Duration, child: ChildProcess? = nil, reading file: OpenFile? = nil) -> Bool {
        var descriptors = [file?.descriptor ?? -1]
        if let notifications { descriptors.append(notifications.descriptor) }
        if let process = child?.descriptor { descriptors.append(process.descriptor) }
        if SignalFlags.descriptor >= 0 { descriptors.append(SignalFlags.descriptor) }
        var polled = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let isBlind = notifications == nil || (child != nil && child?.descriptor == nil)
        let limit = isBlind ? min(timeout, fallback) : timeout
        guard poll(&polled, nfds_t(polled.count), limit.pollMilliseconds) > 0 else { return false }
        if let notifications { Self.drain(notifications.descriptor) }
        if SignalFlags.descriptor >= 0 { Self.drain(SignalFlags.descriptor) }
        return polled[0].revents != 0
    }

    private static func drain(_ descriptor: Int32) {
        var bytes = [UInt8](repeating: 0, count: 4096)
        while read(descriptor, &bytes, bytes.count) > 0 {}
    }
}
