//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Artifacts
internal import Git
internal import Ledger
internal import POSIX
internal import Resources
internal import Runs

/// Starts a run's supervisor in a session of its own, so that it outlives whoever started it.
package struct SupervisorProcess {
    /// The status that it ends with where another one has the run's lock.
    package static let busyStatus: Int32 = 75

    /// The status that it ends with where the remote cannot be reached, so that the result is only here.
    package static let awayStatus: Int32 = 69

    let workspace: Workspace
    let home: Home
    let store: ArtifactStore
    /// What the manifests say by now, where that is known: a budget may have changed since the run was prepared.
    var terms: RunTerms?

    /// A new supervisor; nothing where one is alive already.
    func spawnUnlessAlive(_ folder: RunFolder) throws -> ChildProcess? {
        try folder.isFree() ? spawn(folder) : nil
    }

    func spawn(_ folder: RunFolder) throws -> ChildProcess {
        try adopt(folder)
        // A supervisor reads the remote's ledger, and not what only this clone has.
        try home.ledger.join(now: workspace.now())
        var environment = ProcessEnvironment.variables
        environment["FTOPS_STATE"] = workspace.places.state
        var options = SpawnOptions(
            executable: ProcessEnvironment.executable,
            arguments: ["supervise", folder.id],
            environment: environment
        )
        options.folder = workspace.places.state
        options.newSession = true
        let log = try OpenFile(folder.supervisorLog, .append)
        options.output = .file(log)
        options.error = .file(log)
        return try ChildProcess.spawn(options)
    }

    /// A run may have been prepared in a clone that is gone by now, or by an ftops that lay elsewhere: its supervisor
    /// works with what is here.
    private func adopt(_ folder: RunFolder) throws {
        guard let lock = try folder.tryLock(), let known = try? folder.readContext(),
            var supervision = try? Supervision(json: known)
        else { return }
        supervision.repository = workspace.repository.gitDirectory
        if let identity = try? CommitIdentity(workspace.repository) { supervision.identity = identity }
        supervision.remote = home.settings.remote
        supervision.location = try home.settings.remote.map { try workspace.repository.folder(ofRemote: $0) }
        supervision.ledger = home.settings.ledger
        supervision.store = store.location
        if let terms {
            supervision.limits = terms.limits
            supervision.pricePerHour = terms.pricePerHour
            supervision.tracking = terms.tracking
        }
        supervision.trainer = (try? workspace.places.launcher()) ?? supervision.trainer
        try folder.replaceContext(supervision.json, holding: lock)
    }
}
