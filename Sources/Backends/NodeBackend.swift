//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Runs

/// This machine as a backend: the supervisor's part that has to do with the trainer's processes.
package struct NodeBackend: Backend {
    /// The trainer.
    package var launcher: TrainerLauncher
    /// The devices of which a run takes one.
    package var devices: [Device]
    /// Where the locks of this machine's devices lie.
    package var deviceFolder: String
    /// How long a trainer has to reach a checkpoint before it is killed.
    package var stopGrace: Duration

    /// Makes the backend of this machine.
    package init(
        launcher: TrainerLauncher,
        devices: [Device],
        deviceFolder: String,
        stopGrace: Duration = .seconds(120)
    ) {
        self.launcher = launcher
        self.devices = devices
        self.deviceFolder = deviceFolder
        self.stopGrace = stopGrace
    }

    /// Starts or resumes a run's trainer, or finds that it has ended, and sees it to its end.
    ///
    /// A trainer that a killed supervisor left is ended first. The trainer leads a session of its own and holds
    /// `trainer.lock` and its device's lock; it is started again when a signal ends it, for as long as it gets further.
    /// However it ends for good is written into `done`, which is read before anything is started.
    package func carry(
        _ folder: RunFolder,
        notify: (TrainerNotice) -> Void,
        shouldStop: () -> Bool
    ) throws -> TrainerOutcome {
        try withoutActuallyEscaping(notify) { notify in
            try withoutActuallyEscaping(shouldStop) { shouldStop in
                try TrainerSession(folder, node: self, notify: notify, shouldStop: shouldStop).run()
            }
        }
    }
}
