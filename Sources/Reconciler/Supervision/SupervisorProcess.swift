//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX
internal import Runs

/// Starts a run's supervisor in a session of its own, so that it outlives whoever started it.
struct SupervisorProcess {
    let places: Places

    /// A new supervisor; nothing where one is alive already.
    func spawnUnlessAlive(_ folder: RunFolder) throws -> ChildProcess? {
        try folder.isFree() ? spawn(folder) : nil
    }

    func spawn(_ folder: RunFolder) throws -> ChildProcess {
        var environment = ProcessEnvironment.variables
        environment["FTOPS_STATE"] = places.state
        var options = SpawnOptions(
            executable: ProcessEnvironment.executable,
            arguments: ["supervise", folder.id],
            environment: environment
        )
        options.folder = places.state
        options.newSession = true
        let log = try OpenFile(folder.supervisorLog, .append)
        options.output = .file(log)
        options.error = .file(log)
        return try ChildProcess.spawn(options)
    }
}
