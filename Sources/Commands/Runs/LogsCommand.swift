//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import POSIX
internal import Planning
internal import Reconciler
internal import Runs

/// `ftops logs`.
struct LogsCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Print the trainer's log of a run of this machine."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var run: RunOptions

    @Flag(name: .shortAndLong, help: "Go on printing until the run ends.")
    var follow = false

    func execute(_ context: CommandContext) throws {
        let (service, status) = try run.find(context)
        let file = try service.folder(status.run).log
        let waits = try follow && service.isOwn(status.entry) && service.isUnderWay(status)
        guard waits || FileStatus.isFile(file) else { throw try Self.missing(status, service) }
        SignalFlags.install()
        let changes = ChangeWatch(folders: [Folder.parent(of: file)])
        var view = LogView(file: file, console: context.console)
        while true {
            let isOver = try follow ? !service.isUnderWay(status) : true
            try view.printNew()
            if isOver { return view.finish() }
            if SignalFlags.isReceived { throw ExitCode(FtopsExit.interrupted) }
            changes.wait(timeout: .seconds(2))
        }
    }

    private static func missing(_ status: RunService.Status, _ service: RunService) throws -> ReconcilerError {
        let (run, host) = (status.run, status.entry.holder.host)
        let message =
            try service.isOwn(status.entry)
            ? "run \(run) has no log yet; ftops logs --follow waits for it"
            : "the log of run \(run) is where it was trained, on \(host): ask ftops logs there"
        return ReconcilerError(.unknownName, message)
    }
}
