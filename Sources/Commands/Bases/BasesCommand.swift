//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser

/// `ftops bases`.
struct BasesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bases",
        abstract: "List base models, and pin them to what their hosts have.",
        subcommands: [BasesListCommand.self, BasesAddCommand.self, BasesUpdateCommand.self],
        defaultSubcommand: BasesListCommand.self
    )
}
