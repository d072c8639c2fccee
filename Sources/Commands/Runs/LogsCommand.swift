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

    @Flag(name: .shortAndLong, help: "Go on printing until the run ends.")
    var follow = false

    @Argument(help: "The run's id, its beginning, or a fine-tune's name.")
    var run: String

    func execute(_ context: CommandContext) throws {
        let service = try RunService(try context.workspace())
        let status = try service.find(run)
        let folder = try service.folder(status.run)
        guard FileStatus.isFile(folder.log) else {
            let host = status.entry.holder.host
            throw ReconcilerError(.unknownName, "run \(status.run) has no log here; it was held by \(host)")
        }
        SignalFlags.install()
        let changes = ChangeWatch(folders: [folder.path])
        let log = try OpenFile(folder.log, .read)
        var offset = 0
        while true {
            let isOver = try follow ? Self.hasEnded(service, status) : true
            while case let part = try log.read(upTo: 1 << 16, at: offset), !part.isEmpty {
                offset += part.count
                context.console.output(bytes: part)
            }
            if isOver { return }
            if SignalFlags.isReceived { throw ExitCode(FtopsExit.interrupted) }
            changes.wait(timeout: .seconds(2))
        }
    }

    private static func hasEnded(_ service: RunService, _ status: RunService.Status) throws -> Bool {
        switch try service.find(status.run.rawValue).entry.state {
        case .claimed, .started: false
        case .paused, .trained, .published, .failed: true
        }
    }
}
