//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Planning
internal import Reconciler

/// `ftops resolve`.
struct ResolveCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "resolve",
        abstract: "Settle what only a person can know about a run."
    )

    @OptionGroup var global: GlobalOptions

    @Flag(help: "The machine that holds the run will not come back; any other may take it over.")
    var lost = false

    @Argument(help: "The run's id, its beginning, or a fine-tune's name.")
    var run: String

    func validate() throws {
        if !lost { throw ValidationError("say what is known of the run: --lost") }
    }

    func execute(_ context: CommandContext) throws {
        let service = try RunService(try context.workspace())
        let status = try service.find(run)
        try service.resolveLost(status)
        context.console.note(
            "run \(status.run) is no longer held by \(status.entry.holder.host); ftops apply takes it up"
        )
    }
}
