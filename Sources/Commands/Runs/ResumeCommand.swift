//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Planning
internal import Reconciler

/// `ftops resume`.
struct ResumeCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Let a paused run go on from its checkpoint."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var run: RunOptions

    func execute(_ context: CommandContext) throws {
        let (service, status) = try run.find(context)
        let what =
            switch try service.resume(status) {
            case .already: "is not paused; ftops status shows it"
            case .here: "goes on; ftops status shows it, ftops apply watches it"
            case .elsewhere(let host): "may go on; the next ftops apply on \(host) goes on with it"
            case .atNextApply: "may go on; ftops apply goes on with it"
            }
        context.console.note("run \(status.run) \(what)")
    }
}
