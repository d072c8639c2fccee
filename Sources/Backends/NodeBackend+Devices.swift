//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX
internal import Runs

extension NodeBackend {
    /// Takes the locks of the backend's devices and waits for them; nothing once `shouldStop` says so, which is asked
    /// while waiting.
    func takeDevices(notify: (TrainerNotice) -> Void, shouldStop: () -> Bool) throws -> DeviceLocks? {
        struct Stopped: Error {}
        var lastTold: Duration?
        do {
            return try DeviceLocks.acquire(devices, in: deviceFolder) { device, waited in
                if shouldStop() { throw Stopped() }
                if let told = lastTold, waited - told < .seconds(1) { return }
                lastTold = waited
                notify(.waiting(device: device, waited))
            }
        } catch is Stopped {
            return nil
        }
    }
}
