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
internal import Reports
internal import Resources
internal import Runs

/// `ftops attach`.
struct AttachCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "attach",
        abstract: "Watch a run of this machine: its loss as a curve, and its answers, until it ends.",
        discussion: """
            Watching changes nothing: Ctrl-C leaves, and the run goes on. Of a fine-tune whose evaluation has \
            prompts, the last answers to the first three are shown, as they change. Where output is no terminal, lines \
            tell how it comes along, and the curve is printed at the end.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var run: RunOptions

    func execute(_ context: CommandContext) throws {
        let (service, status) = try run.find(context)
        let folder = try service.folder(status.run)
        guard try service.isOwn(status.entry), folder.isPrepared else { throw try Self.missing(status, service) }
        SignalFlags.install()
        let name = status.entry.fineTunes.first ?? ResourceName(rawValue: folder.id)
        let view = AttachView(name, console: context.console)
        let changes = ChangeWatch(folders: [folder.path])
        var reader = EventReader(folder.events)
        var summary = TrainingSummary()
        while true {
            // Asked before the events are read, so that the last of them are there.
            let isOver = try !service.isAlive(status.run)
            for event in try reader.next() { summary.add(event) }
            if isOver { break }
            view.show(summary)
            if SignalFlags.isReceived {
                view.finish(summary)
                throw ExitCode(FtopsExit.interrupted)
            }
            changes.wait(timeout: .seconds(2))
        }
        view.finish(summary)
        if try service.isUnderWay(status) { context.console.note("nobody is at it now; ftops apply goes on with it") }
    }

    private static func missing(_ status: RunService.Status, _ service: RunService) throws -> ReconcilerError {
        let message =
            try service.isOwn(status.entry)
            ? "run \(status.run) has not begun here yet; ftops apply starts it"
            : "run \(status.run) is on \(status.entry.holder.host): ask ftops attach there"
        return ReconcilerError(.unknownName, message)
    }
}
