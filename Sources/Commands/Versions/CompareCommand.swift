//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Inference
internal import JSON
internal import POSIX
internal import Reconciler
internal import Reports
internal import Resources
internal import Runs

/// `ftops compare`.
struct CompareCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Put the answers of a version and of its base side by side.",
        discussion:
            """
            Over the version's evaluation prompts, or over the prompt of the given fields, as ftops run has them. Below \
            stands what its evaluation measured.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var question: QuestionOptions
    @OptionGroup var generation: GenerationOptions
    @OptionGroup var output: OutputOptions

    @Option(help: "Only so many of the evaluation prompts.")
    var limit: Int?

    var findingFormat: DiagnosticFormat { output.findingFormat }

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit is at least 1") }
    }

    func execute(_ context: CommandContext) throws {
        let workspace = try context.workspace()
        let service = try VersionService(workspace)
        let record = try service.find(question.model)
        let prompts = try questions(record)
        SignalFlags.install()
        let runner = try workspace.runner(service.store)
        let request = try runner.request(
            record,
            prompts: prompts.map(\.prompt),
            sampling: generation.sampling,
            alsoBase: true,
            repository: workspace.top
        )
        let place = try workspace.placeToAnswer(context.console)
        let answers = try generate(request, by: runner, on: place, WaitLine(console: context.console))
        let rows = prompts.enumerated().compactMap { index, question in
            Self.row(answers.filter { $0.prompt == index && $0.reason != .cancelled }, to: question)
        }
        switch output.format {
        case .text: context.console.show { text(of: rows, record, color: $0, width: $1) }
        case .json: context.console.output(Self.value(of: rows, record))
        }
        if SignalFlags.isReceived { throw ExitCode(FtopsExit.interrupted) }
    }

    private func text(of rows: [VersionRecord.Answer], _ record: VersionRecord, color: Bool, width: Int) -> String {
        let base = record.inputs.base.rawValue
        let answers = CompareText.render(rows, base: base, version: record.label, color: color, width: width)
        guard !question.isGiven, let evaluation = record.evaluation, !evaluation.comparisons.isEmpty else {
            return answers
        }
        return answers + "\n" + MetricsTable.render(evaluation, color: color, width: width)
    }

    private static func value(of rows: [VersionRecord.Answer], _ record: VersionRecord) -> JSONValue {
        VersionsJSON.about(
            record,
            [
                ("base", .string(record.inputs.base.rawValue)),
                ("answers", MetricsJSON.value(rows)),
                ("metrics", MetricsJSON.value(record.evaluation?.comparisons ?? [])),
            ]
        )
    }

    private typealias Question = (prompt: GenerationRequest.Prompt, reference: String?)

    private func questions(_ record: VersionRecord) throws -> [Question] {
        if question.isGiven { return [(try question.prompt(for: record, in: global.directory), nil)] }
        let answers = record.evaluation?.answers ?? []
        guard !answers.isEmpty else {
            throw ValidationError("the version has no evaluation prompts; give its template's fields, or --prompt")
        }
        return answers.prefix(limit ?? answers.count).map { (.text($0.prompt), $0.reference) }
    }

    private func generate(
        _ request: GenerationRequest,
        by runner: ModelRunner,
        on place: GenerationPlace,
        _ line: WaitLine
    ) throws -> [Generation] {
        let count = request.prompts.count * request.models.count
        var done = 0
        line.show("loading the models")
        defer { line.clear() }
        return try runner.generate(
            request,
            on: place,
            onPiece: { piece in
                if piece.isLast { done += 1 }
                line.show("answer \(min(done + 1, count)) of \(count)")
            }
        )
    }

    /// The answers to a prompt; nothing where one was not finished.
    private static func row(_ answers: [Generation], to question: Question) -> VersionRecord.Answer? {
        guard let base = answers.first(where: { $0.model == "base" }),
            let version = answers.first(where: { $0.model == "version" })
        else { return nil }
        return VersionRecord.Answer(
            prompt: question.prompt.text,
            reference: question.reference,
            base: base.text,
            version: version.text
        )
    }
}
