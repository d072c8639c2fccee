//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Git
internal import POSIX
internal import Reconciler
internal import Runs

/// `ftops supervise`: the process that carries a run through; started by `apply`, not by people.
struct SuperviseCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "supervise",
        abstract: "Carry a run of this machine through to its version.",
        shouldDisplay: false
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The run's id.")
    var run: String

    func execute(_ context: CommandContext) throws {
        SignalFlags.install()
        let places = try Places.current()
        let state = try StateFolder.open(places.state)
        do {
            let folder = state.run(run)
            let supervisor = try Supervisor(folder: folder, state: state, cache: places.cache, now: context.now)
            guard let supervisor else { throw ExitCode(SupervisorProcess.busyStatus) }
            try supervisor.run()
        } catch let error as GitError where error.code == .unreachableRemote {
            context.console.report(error)
            throw ExitCode(SupervisorProcess.awayStatus)
        }
    }
}
