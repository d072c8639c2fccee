//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Inference
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
            "Over the version's evaluation prompts, or over the prompt of the given fields, as ftops run has them."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var question: QuestionOptions
    @OptionGroup var generation: GenerationOptions

    @Option(help: "Only so many of the evaluation prompts.")
    var limit: Int?

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
        context.console.show {
            CompareText.render(rows, base: record.inputs.base.rawValue, version: record.label, color: $0, width: $1)
        }
        if SignalFlags.isReceived { throw ExitCode(FtopsExit.interrupted) }
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
