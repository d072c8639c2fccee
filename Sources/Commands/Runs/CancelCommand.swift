//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Planning
internal import Reconciler

/// `ftops cancel`.
struct CancelCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Ask whoever holds a run to end it; its holder looks every minute."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var run: RunOptions

    func execute(_ context: CommandContext) throws {
        let (service, status) = try run.find(context)
        let hasEnded = try service.cancel(status)
        context.console.note(
            hasEnded ? "run \(status.run) was paused, and is cancelled" : try Self.outcome(status, service)
        )
    }

    private static func outcome(_ status: RunService.Status, _ service: RunService) throws -> String {
        let run = status.run
        guard try service.isOwn(status.entry) else {
            return "run \(run) will be cancelled by \(status.entry.holder.host), which looks every minute"
        }
        return try service.isAlive(run)
            ? "run \(run) will be cancelled within a minute"
            : "run \(run) is not being trained now: ftops apply ends it as cancelled when it comes to it"
    }
}
