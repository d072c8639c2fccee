//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Git
internal import POSIX
internal import Planning
internal import Reconciler
internal import Reports
internal import Resources

/// `ftops apply`.
struct ApplyCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Train what the commit asks for and is not trained yet, and commit the versions back.",
        discussion: """
            Trains commits only. Each run is carried by a supervisor of its own, so that leaving apply, or killing it, \
            harms nothing; the next apply finds the run. Ctrl-C on a terminal asks whether to pause it at a checkpoint; \
            then the next apply resumes it.

            With the file of a saved plan it asks nothing and does no more than the file says; it is refused where a \
            fingerprint or an action would come out differently now.

            With --try it commits, claims and publishes nothing: what cannot be loaded, rendered or held in memory \
            shows within minutes, and plans estimate by what was measured from then on.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions

    @Flag(help: "Ask nothing.")
    var autoApprove = false

    @Flag(help: "Try runs again that have failed.")
    var retryFailed = false

    @Flag(help: "Look whether the store still has what it should, and put back what this machine has.")
    var refresh = false

    @Flag(help: "Train again what the store has lost and this machine cannot put back.")
    var replace = false

    @Flag(
        name: .customLong("try"),
        help: "Take 50 steps of each training on a sample of its rows, of the files as they are, and make no version."
    )
    var tries = false

    @Flag(help: "Wait for runs that other machines hold.")
    var wait = false

    @Flag(name: .customLong("no-push"), help: "Commit versions here and leave pushing to the next apply.")
    var noPush = false

    @OptionGroup var chosen: SelectionOptions

    @Argument(help: ArgumentHelp("A plan that ftops plan --out wrote.", valueName: "file"))
    var file: String?

    var findingFormat: DiagnosticFormat { output.findingFormat }

    func validate() throws {
        guard tries else { return }
        guard file == nil, !retryFailed, !refresh, !replace, !wait else {
            throw ValidationError("--try goes with --target, -l and --json only")
        }
    }

    func execute(_ context: CommandContext) throws {
        if tries { return try attempt(context) }
        let workspace = try context.workspace()
        let planned = try committedPlan(workspace, context)
        context.console.note(planned.plan.warnings)
        let view = ProgressView(console: context.console)
        let options = ApplyOptions(retryFailed: retryFailed, replace: replace, wait: wait, push: !noPush)
        // It refuses what cannot be applied here, which is better said before somebody says yes.
        let applier = try Applier(workspace, planned, options: options, reporter: view.reporter)
        guard try approves(planned.plan, context) else {
            context.console.note("nothing was done")
            throw ExitCode(FtopsExit.error)
        }
        SignalFlags.install()
        let results = try applier.run()
        view.finish()
        show(results, context)
        try leave(results)
    }

    private func committedPlan(_ workspace: Workspace, _ context: CommandContext) throws -> Planned {
        let present = try workspace.uncommitted()
        guard present.isEmpty else {
            let names = present.prefix(10).joined(separator: ", ") + (present.count > 10 ? ", …" : "")
            let ignored = try present.filter(workspace.repository.isIgnored)
            // A plain `git add` and a stash pass over what git is told to ignore.
            let advice =
                ignored.isEmpty
                ? "commit or stash them first"
                : "commit them first; git ignores some: git add --force \(ignored.joined(separator: " "))"
            throw ReconcilerError(
                .uncommitted,
                "apply trains commits, and these files are not committed: \(names); \(advice)"
            )
        }
        guard let file else {
            var sight = PlanService.Sight(refresh: refresh, replace: replace)
            sight.trainsHere = true
            return try PlanService(workspace).plan(at: .head, selection: chosen.selection, sight)
        }
        guard !replace, !refresh else {
            throw ValidationError("a saved plan says what is done; leave out --replace and --refresh")
        }
        guard chosen.selection == .all else {
            throw ValidationError("a saved plan says what it is about; leave out --target and -l")
        }
        return try PlanService(workspace).plan(saved: SavedPlan(text: context.text(of: file)))
    }

    /// Shows the plan, and asks for a yes where there is something to pay for; without a terminal only
    /// `--auto-approve` is one.
    private func approves(_ plan: Plan, _ context: CommandContext) throws -> Bool {
        let asks = (plan.hasChanges || plan.count("failed") > 0 && retryFailed) && !autoApprove && file == nil
        let text: (Bool, Int) -> String = { PlanText.render(plan, color: $0, width: $1) }
        switch output.format {
        case .text where plan.count("up-to-date") < plan.items.count: context.console.show(text)
        // The result is data and the plan is not: it goes to the person who is asked.
        case .json where asks: context.console.tell(text)
        case .text, .json: break
        }
        guard asks else { return true }
        guard Terminal.isTerminal(.input), Terminal.isTerminal(.error) else {
            throw ReconcilerError(.repository, "there is no terminal to ask on; say --auto-approve to apply this plan")
        }
        return Terminal.ask("Apply this plan? Only 'yes' will be accepted: ") == "yes"
    }

    private func show(_ results: [ApplyResult], _ context: CommandContext) {
        let ended = results.filter { $0.outcome != .upToDate && $0.action != "orphaned" }
        for result in ended where result.outcome == .failed || result.isBlocked || Self.isUnpublished(result) {
            context.console.note("\(Self.names(result)): \(result.detail)")
        }
        for result in ended where result.outcome == .done {
            let notes = result.version.map { [GateNote.text($0), LearningNote.text($0.training)] } ?? []
            for case let note? in notes { context.console.note("\(Self.names(result)): \(note)") }
        }
        switch output.format {
        case .text where ended.isEmpty: context.console.output("Nothing to do.\n")
        case .text:
            context.console.table { "\n" + ApplyTable.render(ended.map(Self.outcome), color: $0, width: $1) }
        case .json: context.console.output(ApplyJSON.value(results))
        }
    }

    private static func isUnpublished(_ result: ApplyResult) -> Bool {
        result.outcome == .done && result.version?.number == nil
    }

    private static func names(_ result: ApplyResult) -> String {
        result.fineTunes.map(\.rawValue).joined(separator: ", ")
    }

    private static func outcome(_ result: ApplyResult) -> ApplyOutcome {
        let ended: ApplyOutcome.Result =
            switch result.outcome {
            case .done, .upToDate: result.version.map { .done($0) } ?? .skipped(result.detail)
            case .failed: .failed(kind: result.failure ?? "error")
            case .running: .running(result.detail)
            case .paused: .paused(result.detail)
            case .skipped: .skipped(result.detail)
            case .notStarted: .notStarted(result.detail)
            }
        return ApplyOutcome(fineTunes: result.fineTunes, result: ended, seconds: result.seconds, cost: result.cost)
    }

    private func leave(_ results: [ApplyResult]) throws {
        if SignalFlags.interruptions > 0 { throw ExitCode(FtopsExit.interrupted) }
        if SignalFlags.terminationRequests > 0 { throw ExitCode(FtopsExit.terminated) }
        switch ApplyVerdict.of(results) {
        case .failed: throw ExitCode(FtopsExit.error)
        case .gateNotMet: throw ExitCode(FtopsExit.gateNotMet)
        case .blocked: throw ExitCode(FtopsExit.blocked)
        case .done: break
        }
    }
}
