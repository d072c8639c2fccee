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
    @Option(help: "A prompt as it is, without the template; @file reads it from a file, @- from standard input.")
    private var prompt: String?

    @Argument(help: "The version: owner/name, owner/name:n or owner/name@id.", completion: .models)
    var model: String

    @Argument(parsing: .allUnrecognized, help: ArgumentHelp("The template's fields.", valueName: "--field value"))
    private var fields: [String] = []

    func validate() throws {
        guard prompt != nil, let first = fields.first else { return }
        throw ValidationError("--prompt hands over a whole prompt, and \(first) a field of one: give either")
    }

    /// Whether a prompt, or a field of one, is given.
    var isGiven: Bool { prompt != nil || !fields.isEmpty }

    /// The prompt: as it is, or rendered by the version's own template.
    func prompt(for record: VersionRecord, in folder: String) throws -> GenerationRequest.Prompt {
        let prompts = try PromptFields(record, folder: folder)
        return try prompt.map(prompts.raw) ?? prompts.prompt(fields)
    }
}
