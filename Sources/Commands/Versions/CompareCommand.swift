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
        let answers = try runner.generate(request)
        let rows = prompts.enumerated().map { index, question in
            VersionRecord.Answer(
                prompt: question.prompt.text,
                reference: question.reference,
                base: Self.text(answers, of: "base", index),
                version: Self.text(answers, of: "version", index)
            )
        }
        let version = "\(record.model):\(record.number ?? 0)"
        context.console.show {
            CompareText.render(rows, base: record.inputs.base.rawValue, version: version, color: $0, width: $1)
        }
        if SignalFlags.isReceived { throw ExitCode(FtopsExit.interrupted) }
    }

    private func questions(_ record: VersionRecord) throws -> [(prompt: GenerationRequest.Prompt, reference: String?)] {
        if question.isGiven { return [(try question.prompt(for: record, in: global.directory), nil)] }
        let answers = record.evaluation?.answers ?? []
        guard !answers.isEmpty else {
            throw ValidationError("the version has no evaluation prompts; give its template's fields, or --prompt")
        }
        return answers.prefix(limit ?? answers.count).map { (.text($0.prompt), $0.reference) }
    }

    private static func text(_ answers: [Generation], of model: String, _ index: Int) -> String {
        answers.first { $0.model == model && $0.prompt == index }?.text ?? ""
    }
}
