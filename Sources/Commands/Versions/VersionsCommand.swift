//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Reconciler
internal import Reports

/// `ftops versions`.
struct VersionsCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "versions",
        abstract: "List the published versions, of one model or of all."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The model: owner/name.", completion: .models)
    var model: String?

    @OptionGroup var labels: LabelOptions

    var findingFormat: DiagnosticFormat { output.findingFormat }

    func execute(_ context: CommandContext) throws {
        let service = try VersionService(try context.workspace())
        let versions = try model.map(service.all) ?? service.all()
        let shown = try service.select(Selection(labels: labels.label), among: versions)
        switch output.format {
        case .text: context.console.table { VersionsTable.render(shown, color: $0, width: $1) }
        case .json: context.console.output(VersionsJSON.value(shown))
        }
    }
}
