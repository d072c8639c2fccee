//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Reconciler
internal import Reports

/// `ftops show`.
struct ShowCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a version: what it was trained on, how it did, and its answers beside the base's."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The version: owner/name, owner/name:n or owner/name@id.")
    var model: String

    func execute(_ context: CommandContext) throws {
        let record = try VersionService(try context.workspace()).find(model)
        switch output.format {
        case .text: context.console.show { VersionText.render(record, color: $0, width: $1) }
        case .json: context.console.output(VersionsJSON.value([record]))
        }
    }
}
