//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import JSON
internal import POSIX
internal import Reconciler
internal import Reports
internal import Resources
internal import Runs

/// `ftops evaluate`.
struct EvaluateCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measure how much better than its base a version is; trains and changes nothing.",
        discussion: """
            By the evaluation that its FineTune has in the checked-out commit: base and version get the same \
            validation rows and prompts, and each difference comes with its 95% interval. What apply measured stands \
            in the version's record, which ftops show prints.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions

    @Option(
        help: ArgumentHelp(
            "Measure these instead of what the FineTune asks for: names with commas.",
            valueName: "names"
        )
    )
    var metrics: MetricList?

    @Option(help: "Answer so many validation rows at most, instead of 30; losses are taken over all.")
    var rows: Int?

    @Argument(help: "The version: owner/name, owner/name:n or owner/name@id.", completion: .models)
    var model: String

    var findingFormat: DiagnosticFormat { output.findingFormat }

    func validate() throws {
        if let rows, rows < 1 { throw ValidationError("--rows is at least 1") }
    }

    func execute(_ context: CommandContext) throws {
        let workspace = try context.workspace()
        let versions = try VersionService(workspace)
        let record = try versions.find(model)
        SignalFlags.install()
        try workspace.prepareTrainer()
        let view = EvaluationView(console: context.console, label: record.label)
        view.begin()
        let outcome: EvaluationService.Outcome
        do {
            defer { view.finish() }
            outcome = try EvaluationService(workspace, versions).evaluate(
                record,
                .init(metrics: metrics?.metrics, rows: rows),
                progress: { view.show($0) },
                shouldStop: { SignalFlags.isReceived }
            )
        }
        guard let result = outcome.result else { throw ExitCode(FtopsExit.interrupted) }
        if outcome.hasMoved {
            context.console.note(
                "note: \(outcome.fineTune) has other rows than \(record.label) was trained on, which may have seen some"
            )
        }
        switch output.format {
        case .text: context.console.show { MetricsTable.render(result, color: $0, width: $1) }
        case .json: context.console.output(Self.value(result, of: record, outcome))
        }
        if result.gate.contains(where: { !$0.isMet }) { throw ExitCode(FtopsExit.gateNotMet) }
    }

    private static func value(
        _ result: VersionRecord.EvaluationResult,
        of record: VersionRecord,
        _ outcome: EvaluationService.Outcome
    ) -> JSONValue {
        VersionsJSON.about(
            record,
            [
                ("fine_tune", .string(outcome.fineTune.rawValue)),
                ("rows_changed", .bool(outcome.hasMoved)),
                ("resamples", result.resamples.map { .int($0) } ?? .null),
                ("metrics", MetricsJSON.value(result.comparisons)),
                ("gate", MetricsJSON.value(result.gate)),
                ("answers", MetricsJSON.value(result.answers)),
                ("validation_answers", MetricsJSON.value(result.validationAnswers)),
            ]
        )
    }
}
