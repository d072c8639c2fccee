//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Planning
internal import Reconciler
internal import Reports
internal import Resources

/// `ftops plan`.
struct PlanCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what apply would train, publish or leave alone, and why; changes nothing."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: FindingOptions
    @OptionGroup var source: RevisionOptions

    @OptionGroup var chosen: SelectionOptions

    @Flag(help: "Exit with 2 where there are changes, 0 where there are none.")
    var detailedExitcode = false

    @Flag(help: "Read all data again, whatever the cache knows of it; the plan is the same.")
    var noCache = false

    var findingFormat: DiagnosticFormat { output.format }

    func execute(_ context: CommandContext) throws {
        var workspace = try context.workspace()
        workspace.remembers = !noCache
        let planned = try PlanService(workspace).plan(at: source.revision, selection: chosen.selection)
        if output.format != .github { context.console.note(planned.plan.warnings) }
        switch output.format {
        case .text: context.console.show { PlanText.render(planned.plan, color: $0, width: $1) }
        case .markdown:
            let fence = String(repeating: "`", count: 8) + "\n"
            context.console.output(fence + PlanText.render(planned.plan, color: false, width: 120) + fence)
        case .github:
            context.console.show(planned.plan.warnings, as: .github)
            context.console.show { PlanText.render(planned.plan, color: $0, width: $1) }
        case .json: context.console.output(PlanJSON.value(planned.plan))
        }
        if detailedExitcode, planned.plan.hasChanges { throw ExitCode(FtopsExit.changes) }
    }
}
