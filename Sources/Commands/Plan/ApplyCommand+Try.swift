//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import JSON
internal import POSIX
internal import Planning
internal import Reconciler
internal import Reports
internal import Resources
internal import Runs

// What `ftops apply --try` does: nothing is trained to its end, committed or claimed.

extension ApplyCommand {
    func attempt(_ context: CommandContext) throws {
        let workspace = try context.workspace()
        let planned = try PlanService(workspace).plan(at: .present, selection: chosen.selection)
        context.console.note(planned.plan.warnings)
        SignalFlags.install()
        try workspace.prepareTrainer()
        let view = ProgressView(console: context.console)
        let outcomes = TrialService(workspace, planned, reporter: view.reporter).run()
        view.finish()
        for case let (name, .failed(kind, message)) in outcomes.map({ (Self.names($0), $0.result) }) {
            context.console.note("\(name): \(kind): \(message)")
        }
        let reports = outcomes.map(Self.report)
        switch output.format {
        case .text where reports.isEmpty: context.console.output("Nothing to try: nothing is to be trained.\n")
        case .text: context.console.table { "\n" + TrialTable.render(reports, color: $0, width: $1) }
        case .json: context.console.output(TrialJSON.value(reports))
        }
        if SignalFlags.interruptions > 0 { throw ExitCode(FtopsExit.interrupted) }
        if SignalFlags.terminationRequests > 0 { throw ExitCode(FtopsExit.terminated) }
        if outcomes.contains(where: { if case .failed = $0.result { true } else { false } }) {
            throw ExitCode(FtopsExit.error)
        }
    }

    private static func names(_ outcome: TrialOutcome) -> String {
        outcome.fineTunes.map(\.rawValue).joined(separator: ", ")
    }

    private static func report(_ outcome: TrialOutcome) -> TrialReport {
        var report = TrialReport(fineTunes: outcome.fineTunes, figures: nil, estimate: outcome.before)
        switch outcome.result {
        case .tried(let trial, let summary):
            let losses = summary.losses()
            report.estimate = outcome.estimate
            report.figures = TrialReport.Figures(
                trial: trial,
                firstLoss: losses.first?.loss,
                lastLoss: losses.last?.loss,
                peakMemory: summary.training?.peakMemory
            )
        case .failed(let kind, _): report.reason = "failed (\(kind))"
        case .skipped(let reason): report.reason = reason
        case .stopped: report.reason = "stopped"
        }
        return report
    }
}
