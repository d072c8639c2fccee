//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
internal import POSIX
package import Resources
internal import Runs

extension ModelRunner {
    /// The name of a GGUF file in its folder.
    package static let ggufName = "model.gguf"

    /// The types that a merged model's weights can be stored in.
    package static let dtypes = ["float32", "bfloat16", "float16"]

    /// Adds a version's adapter to its base's weights and writes the model into a folder, which must be empty or missing.
    ///
    /// Of what is to be a GGUF, the folder gets the file `model.gguf`. Logits are compared on the version's evaluation
    /// prompts. The type is the base's own where none is named.
    ///
    /// - Throws: `InferenceError` where the record does not say where the base comes from, or the trainer could not do it.
    package func merge(
        _ version: VersionRecord,
        into folder: String,
        as form: ExportForm = .hf,
        dtype: String? = nil,
        repository: String
    ) throws -> MergedModel {
        let request: JSONValue = [
            "base": try base(of: version, repository: repository).json,
            "adapter": .string(try weights(of: version)),
            "target": .string(folder),
            "dtype": dtype.map { .string($0) } ?? .null,
            "format": form.isGGUF ? "gguf" : "hf",
            "name": .string(version.label),
            "prompts": .array(version.evaluation?.answers.map { .string($0.prompt) } ?? []),
        ]
        try launcher.prepareEnvironment()
        let errors = try OpenFile.holding([])
        do {
            if let merged = MergedModel(try launcher.export(request, errors: errors)) { return merged }
        } catch let error as RunsError {
            throw InferenceError(
                .trainer,
                "the version could not be merged: \(try Self.lastWords(errors) ?? error.message)"
            )
        }
        throw InferenceError(.trainer, "the trainer says nothing of the merged model that can be read")
    }
}
