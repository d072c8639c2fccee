//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import POSIX
internal import Planning
internal import Reconciler
internal import Reports
internal import Resources

struct PlanCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what apply would train, publish or leave alone, and why; changes nothing.",
        discussion: """
            --out keeps the plan in a file: ftops apply FILE does no more than it says and asks nothing, ftops show \
            FILE prints it. --format markdown is for a comment on a change, github for the annotations of a workflow.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: FindingOptions
    @OptionGroup var source: RevisionOptions

    @OptionGroup var chosen: SelectionOptions

    @Option(help: ArgumentHelp("Also write the plan to this file.", valueName: "file"))
    var out: String?

    @Option(
        help: ArgumentHelp(
            "Plan what merging into this commit trains, beside what it trains anyway.",
            valueName: "ref"
        ),
        completion: .references
    )
    var base: String?

    @Flag(
        help: "Plan a change of strangers: read the commit and the cache alone; fetch, start and keep nothing."
    )
    var untrusted = false

    @Flag(help: "Ask too whether sources have moved, and whether stores still have all; writes nothing.")
    var refresh = false

    @Flag(
        inversion: .prefixedNo,
        help: "Count tokens by the base's own tokenizer whatever it takes, or never; half a minute at most by default."
    )
    var count: Bool?

    @Flag(help: "Exit with 2 where there are changes, 0 where there are none.")
    var detailedExitcode = false

    @Flag(help: "Read all files again, whatever the cache knows of them; the plan is the same.")
    var noCache = false

    var findingFormat: DiagnosticFormat { output.format }

    func execute(_ context: CommandContext) throws {
        try checkFlags()
        var workspace = try context.workspace()
        if untrusted { workspace = workspace.forStrangers() }
        if noCache { workspace.remembers = false }
        if let count { workspace.counting.allowance = count ? .everything : .nothing }
        let target = try out.map(context.target(out:))
        let service = PlanService(workspace)
        if isPlain, let resting = service.restingPlan() {
            ProcessEnd.leave(service)
            return context.console.show { PlanText.render(resting, color: $0, width: $1) }
        }
        let planned = try plan(service)
        ProcessEnd.leave((service, planned))
        if let target { try DurableFile.write(service.saved(planned).text, to: target) }
        if output.format != .github { context.console.note(planned.plan.warnings) }
        switch output.format {
        case .text: context.console.show { PlanText.render(planned.plan, color: $0, width: $1) }
        case .markdown: context.console.output(PlanMarkdown.render(planned.plan))
        case .github:
            context.console.show(PlanFindings.of(planned.plan), as: .github)
            context.console.show { PlanText.render(planned.plan, color: $0, width: $1) }
        case .json: context.console.output(PlanJSON.value(planned.plan))
        }
        if isPlain { service.rememberRest(planned) }
        if detailedExitcode, planned.plan.hasChanges { throw ExitCode(FtopsExit.changes) }
    }

    /// Whether this is what is asked time and again: the whole plan of what is there, for people.
    private var isPlain: Bool {
        output.format == .text && source.revision == .present && chosen.selection == .all
            && base == nil && out == nil && !refresh && !untrusted
    }

    /// What is not done for strangers is refused, as a plan that leaves it out would not be what was asked for.
    private func checkFlags() throws {
        guard untrusted else { return }
        if refresh {
            throw ValidationError("--refresh asks sources and stores, and --untrusted asks nobody: leave one out")
        }
        if count == true {
            throw ValidationError("--count starts the trainer, and --untrusted starts nothing: leave one out")
        }
    }

    private func plan(_ service: PlanService) throws -> Planned {
        if let base {
            return try service.plan(at: source.revision, selection: chosen.selection, against: base, refresh: refresh)
        }
        return try service.plan(at: source.revision, selection: chosen.selection, .init(refresh: refresh))
    }
}
