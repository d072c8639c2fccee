//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser

/// `ftops data`.
struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data",
        abstract: "Look at data as it is rendered for training, and pin what lies elsewhere.",
        subcommands: [DataPreviewCommand.self, DataStatsCommand.self, DataRenderCommand.self, DataUpdateCommand.self]
    )
}
