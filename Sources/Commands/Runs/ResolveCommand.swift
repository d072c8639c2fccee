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
    @OptionGroup var run: RunOptions

    @Flag(help: "The machine that holds the run will not come back; any other may take it over.")
    var lost = false

    func validate() throws {
        if !lost { throw ValidationError("say what is known of the run: --lost") }
    }

    func execute(_ context: CommandContext) throws {
        let (service, status) = try run.find(context)
        try service.resolveLost(status)
        context.console.note(
            "run \(status.run) is no longer held by \(status.entry.holder.host); ftops apply takes it up"
        )
    }
}
