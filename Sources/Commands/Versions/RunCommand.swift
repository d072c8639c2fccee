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
            @- from standard input. --prompt hands a prompt over as it is.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var generation: GenerationOptions

    @Option(help: "A prompt as it is, without the template; @file reads it from a file.")
    var prompt: String?

    @Argument(help: "The version: owner/name, owner/name:n or owner/name@id.")
    var model: String

    @Argument(parsing: .allUnrecognized, help: ArgumentHelp("The template's fields.", valueName: "--field value"))
    var fields: [String] = []

    func execute(_ context: CommandContext) throws {
        let workspace = try context.workspace()
        let service = try VersionService(workspace)
        let record = try service.find(model)
        let prompts = try PromptFields(record)
        let text = try prompt.map { try prompts.raw(try PromptFields.read($0)) } ?? prompts.prompt(fields)
        SignalFlags.install()
        let runner = try workspace.runner(service.store)
        let request = try runner.request(
            record,
            prompts: [text],
            sampling: generation.sampling,
            repository: workspace.top
        )
        let answers = try runner.generate(request, onPiece: { context.console.output($0.text) })
        context.console.output("\n")
        if SignalFlags.isReceived { throw ExitCode(FtopsExit.interrupted) }
        if answers.first?.reason == .length {
            context.console.note(
                "the answer was cut at \(generation.maxNewTokens) tokens; --max-new-tokens allows more"
            )
        }
    }
}
