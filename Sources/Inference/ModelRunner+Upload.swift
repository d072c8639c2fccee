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
    /// Makes a repository of the Hugging Face hub ready to take a model, and sends a folder to it where one is named,
    /// in one commit; returns the repository's address.
    ///
    /// The token is the environment's. To ask without a folder first tells what is in the way before a model is made.
    ///
    /// - Throws: `InferenceError` where the hub refuses, or a private model would become public.
    @discardableResult
    package func upload(
        _ folder: String?,
        to repository: ModelName,
        isPrivate: Bool,
        message: String
    ) throws -> String {
        let request: JSONValue = [
            "folder": folder.map { .string($0) } ?? .null,
            "repository": .string("\(repository)"),
            "private": .bool(isPrivate),
            "message": .string(message),
        ]
        try launcher.prepareEnvironment()
        let errors = try OpenFile.holding([])
        do {
            if let url = try launcher.upload(request, errors: errors)["url"]?.string { return url }
        } catch let error as RunsError {
            throw InferenceError(.trainer, try Self.lastWords(errors) ?? error.message)
        }
        throw InferenceError(.trainer, "the trainer says nothing of the upload that can be read")
    }
}
