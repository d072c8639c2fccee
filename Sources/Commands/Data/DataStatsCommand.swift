//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Reconciler
internal import Reports

struct DataStatsCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Show a dataset's figures: rows, tokens, their lengths, duplicates, labels, scripts, packing.",
        discussion: """
            Rows are counted as they are rendered, tokens are estimated from classes of characters. A pack has as many \
            tokens as chunk_size of the fine-tune says, or else 2048.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var rows: RowOptions

    @Option(help: ArgumentHelp("Tokens of a pack, instead.", valueName: "tokens"))
    var pack: Int?

    func validate() throws {
        if let pack, pack < 8 { throw ValidationError("--pack takes a number of tokens from 8") }
    }

    func execute(_ context: CommandContext) throws {
        let service = try rows.service(context)
        let figures = try service.statistics(rows.name, template: rows.template, pack: pack)
        switch output.format {
        case .text: context.console.show { DatasetStatisticsText.render(figures, color: $0, width: $1) }
        case .json: context.console.output(DatasetStatisticsJSON.value(figures))
        }
    }
}
