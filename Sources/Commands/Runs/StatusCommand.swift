//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Ledger
internal import Reconciler
internal import Reports

/// `ftops status`.
struct StatusCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the runs that are under way, waiting to be published, or failed."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions

    @OptionGroup var labels: LabelOptions

    @Flag(name: .shortAndLong, help: "Show the published runs too.")
    var all = false

    var findingFormat: DiagnosticFormat { output.findingFormat }

    func execute(_ context: CommandContext) throws {
        let service = try RunService(try context.workspace())
        let runs = try service.list(all: all, of: Selection(labels: labels.label))
        let rows = runs.map {
            RunStatus(run: $0.run, entry: $0.entry, progress: $0.summary.map { TrainingProgress($0) })
        }
        switch output.format {
        case .text where rows.isEmpty: context.console.output(try Self.nothing(service))
        case .text: context.console.table { StatusTable.render(rows, color: $0, width: $1) }
        case .json: context.console.output(StatusJSON.value(rows))
        }
    }

    private static func nothing(_ service: RunService) throws -> String {
        try service.check().entries.isEmpty
            ? "No runs yet: ftops plan shows what would be trained.\n"
            : "Every run was published: ftops status --all lists them.\n"
    }
}
