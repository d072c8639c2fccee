//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import POSIX

/// Locks on this machine's devices, in one place whatever the state folder, so that two runs never share one.
package final class DeviceLocks: Sendable {
    private let locks: [FileLock]

    private init(locks: [FileLock]) { self.locks = locks }

    /// The locked files, to be inherited by the trainer.
    package var files: [OpenFile] { locks.map(\.file) }

    /// Where this machine's locks lie: `/run/lock/ftops` where that can be made, else a folder in `/tmp`. The variable
    /// `FTOPS_DEVICE_LOCKS` names another, for tests and for containers that share devices through a mounted folder.
    package static func folder(environment: [String: String]) throws -> String {
        if let folder = environment["FTOPS_DEVICE_LOCKS"], folder.hasPrefix("/") {
            try Folder.make(folder)
            return folder
        }
        for folder in ["/run/lock/ftops", "/tmp/ftops-devices"] where try makeShared(folder) { return folder }
        throw RunsError(.place, "neither /run/lock/ftops nor /tmp/ftops-devices can be written: device locks need one")
    }

    /// Takes the devices' locks, and waits for each that another run holds; `waiting` is told which and for how long,
    /// and gives up by throwing.
    package static func acquire(
        _ devices: [String],
        in folder: String,
        waiting: (String, Duration) throws -> Void
    ) throws -> DeviceLocks {
        // Taken in one order by all, so that no two runs wait for each other.
        let locks = try Set(devices).sorted().map { device in
            try FileLock.acquire(path(device, folder), permissions: 0o666) { try waiting(device, $0) }
        }
        return DeviceLocks(locks: locks)
    }

    /// Takes the devices' locks where all are free; nothing where another run holds one.
    package static func tryAcquire(_ devices: [String], in folder: String) throws -> DeviceLocks? {
        var locks: [FileLock] = []
        for device in Set(devices).sorted() {
            guard let lock = try FileLock.tryAcquire(path(device, folder), permissions: 0o666) else { return nil }
            locks.append(lock)
        }
        return DeviceLocks(locks: locks)
    }

    private static func path(_ device: String, _ folder: String) -> String {
        folder + "/" + device.map { $0.isLetter || $0.isNumber || $0 == "-" ? $0 : "_" } + ".lock"
    }

    /// Makes a folder that every user may put locks into; false where it cannot be, or is a link that somebody laid.
    private static func makeShared(_ path: String) throws -> Bool {
        do {
            try Folder.makeNew(path, permissions: 0o1777)
            try Folder.setPermissions(path, 0o1777)
        } catch {
            guard error.isPresent else { return false }
        }
        guard try FileStatus.of(path, followingLinks: false)?.kind == .folder else { return false }
        return FileStatus.isWritable(path)
    }
}
