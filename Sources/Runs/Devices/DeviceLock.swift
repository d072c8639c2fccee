//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import POSIX

/// The lock of one of this machine's devices, in one place whatever the state folder, so that two runs never share one.
package final class DeviceLock: Sendable {
    /// The device.
    package let device: Device
    private let lock: FileLock

    private init(device: Device, lock: FileLock) {
        self.device = device
        self.lock = lock
    }

    /// The locked file, to be inherited by the trainer.
    package var file: OpenFile { lock.file }

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

    /// Takes the first of the devices that is free, and waits for one while other runs hold them all; `waiting` is told
    /// for how long, and gives up by throwing.
    package static func acquire(
        oneOf devices: [Device],
        in folder: String,
        waiting: (Duration) throws -> Void
    ) throws -> DeviceLock {
        let start = MonotonicClock.now
        let pause = ChangeWatch(folders: [])
        while true {
            if let lock = try tryAcquire(oneOf: devices, in: folder) { return lock }
            try waiting(MonotonicClock.now - start)
            pause.wait(timeout: .milliseconds(50))
        }
    }

    /// Takes the first of the devices that is free; nothing where other runs hold them all.
    package static func tryAcquire(oneOf devices: [Device], in folder: String) throws -> DeviceLock? {
        for device in devices {
            guard let lock = try FileLock.tryAcquire(path(device, folder), permissions: 0o666) else { continue }
            return DeviceLock(device: device, lock: lock)
        }
        return nil
    }

    private static func path(_ device: Device, _ folder: String) -> String {
        folder + "/" + device.description.map { $0.isLetter || $0.isNumber || $0 == "-" ? $0 : "_" } + ".lock"
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
