//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import POSIX
internal import Reconciler
internal import Reports
internal import Resources

/// `ftops show`.
struct ShowCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a version: what it was trained on, how it did, and what it is made of; or a saved plan."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions

    @Flag(help: "Show its answers to the evaluation prompts and to some rows, as recorded, beside the base's.")
    var answers = false

    @Flag(help: "Of a saved plan: exit with 2 where it has changes, 0 where it has none.")
    var detailedExitcode = false

    @Argument(
        help: "The version: owner/name, owner/name:n or owner/name@id; or the file of a saved plan.",
        completion: .models
    )
    var model: String

    var findingFormat: DiagnosticFormat { output.findingFormat }

    func execute(_ context: CommandContext) throws {
        if FileStatus.isFile(context.path(model)) {
            return try showPlan(SavedPlan(text: context.text(of: model)), context)
        }
        let record = try VersionService(try context.workspace()).find(model)
        switch output.format {
        case .text where answers: try showAnswers(record, context)
        case .text: context.console.show { VersionText.render(record, color: $0, width: $1) }
        case .json: context.console.output(VersionsJSON.value([record]))
        }
    }

    private func showPlan(_ plan: SavedPlan, _ context: CommandContext) throws {
        switch output.format {
        case .text: context.console.show { PlanText.render(plan, color: $0, width: $1) }
        case .json: context.console.output(plan.document)
        }
        if detailedExitcode, plan.hasChanges { throw ExitCode(FtopsExit.changes) }
    }

    private func showAnswers(_ record: VersionRecord, _ context: CommandContext) throws {
        let answers = record.evaluation.map { $0.answers + $0.validationAnswers } ?? []
        guard !answers.isEmpty else {
            throw ValidationError("\(record.label) was not asked anything; ftops compare asks it")
        }
        context.console.show {
            CompareText.render(
                answers,
                base: record.inputs.base.rawValue,
                version: record.label,
                color: $0,
                width: $1
            )
        }
    }
}
