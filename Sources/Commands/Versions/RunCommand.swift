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
internal import Resources
internal import Runs

/// `ftops run`.
struct RunCommand: FtopsSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Ask a version, with the very template that it was trained with.",
        discussion: """
            Give one flag for each field of the template, such as --dialogue "…"; @file reads a value from a file and \
            @- from standard input. --prompt hands a prompt over as it is. The base stays loaded for ten minutes, so that \
            the next answer comes at once; with FTOPS_WORKER_IDLE=0 in the environment it does not.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var question: QuestionOptions
    @OptionGroup var generation: GenerationOptions

    func execute(_ context: CommandContext) throws {
        let workspace = try context.workspace()
        let service = try VersionService(workspace)
        let record = try service.find(question.model)
        let prompt = try question.prompt(for: record, in: global.directory)
        SignalFlags.install()
        let runner = try workspace.runner(service.store)
        let request = try runner.request(
            record,
            prompts: [prompt],
            sampling: generation.sampling,
            repository: workspace.top
        )
        let place = try workspace.placeToAnswer(context.console)
        let line = WaitLine(console: context.console)
        line.show("loading \(record.label)")
        var isWaiting = true
        defer { if isWaiting { line.clear() } }
        let answers = try runner.generate(
            request,
            on: place,
            onPiece: { piece in
                if isWaiting { line.clear() }
                isWaiting = false
                context.console.stream(piece.text)
            }
        )
        context.console.output("\n")
        if SignalFlags.isReceived { throw ExitCode(FtopsExit.interrupted) }
        if answers.first?.reason == .length {
            context.console.note(
                "the answer was cut at \(generation.maxNewTokens) tokens; --max-new-tokens allows more"
            )
        }
    }
}
