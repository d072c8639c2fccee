//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX
internal import Runs

extension NodeBackend {
    /// Takes one of the backend's devices and waits for it; nothing once `shouldStop` says so, which is asked while
    /// waiting.
    func takeDevice(notify: (TrainerNotice) -> Void, shouldStop: () -> Bool) throws -> DeviceLock? {
        struct Stopped: Error {}
        var lastTold: Duration?
        do {
            return try DeviceLock.acquire(oneOf: devices, in: deviceFolder) { waited in
                if shouldStop() { throw Stopped() }
                if let told = lastTold, waited - told < .seconds(1) { return }
                lastTold = waited
                notify(.waiting(devices, waited))
            }
        } catch is Stopped {
            return nil
        }
    }
}
