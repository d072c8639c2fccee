//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Planning
internal import Reconciler

/// `ftops pause`.
struct PauseCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Stop a run at a checkpoint until ftops resume lets it go on."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var run: RunOptions

    func execute(_ context: CommandContext) throws {
        let (service, status) = try run.find(context)
        let what =
            switch try service.pause(status) {
            case .already: "is paused, and stays so"
            case .elsewhere(let host): "will stop at a checkpoint on \(host), which looks every minute"
            case .here, .atNextApply: "stops at its next checkpoint"
            }
        context.console.note("run \(status.run) \(what); ftops resume \(run.name) lets it go on")
    }
}
