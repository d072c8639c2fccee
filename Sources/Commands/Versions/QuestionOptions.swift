//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Inference
internal import Reconciler
internal import Resources

/// Which version is asked, and what.
struct QuestionOptions: ParsableArguments {
    @Option(help: "A prompt as it is, without the template; @file reads it from a file.")
    private var prompt: String?

    @Argument(help: "The version: owner/name, owner/name:n or owner/name@id.")
    var model: String

    @Argument(parsing: .allUnrecognized, help: ArgumentHelp("The template's fields.", valueName: "--field value"))
    private var fields: [String] = []

    /// Whether a prompt, or a field of one, is given.
    var isGiven: Bool { prompt != nil || !fields.isEmpty }

    /// The prompt: as it is, or rendered by the version's own template.
    func prompt(for record: VersionRecord, in folder: String) throws -> GenerationRequest.Prompt {
        let prompts = try PromptFields(record, folder: folder)
        return try prompt.map(prompts.raw) ?? prompts.prompt(fields)
    }
}
