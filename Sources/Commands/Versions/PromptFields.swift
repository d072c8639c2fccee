//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Datasets
internal import Inference
internal import JSON
internal import Manifests
internal import POSIX
internal import Resources

/// The prompt of a `run` or `compare`: rendered from one flag a field as the version's rows were, or given as it is.
struct PromptFields {
    private let inputs: VersionRecord.Inputs
    private let template: CompiledTemplate
    /// Where relative paths of files start.
    private let folder: String

    init(_ record: VersionRecord, folder: String) throws {
        inputs = record.inputs
        self.folder = folder
        template = try CompiledTemplate(Template(form: inputs.form, stop: inputs.stop))
    }

    /// Renders the flags behind the model's name.
    func prompt(_ arguments: [String]) throws -> GenerationRequest.Prompt {
        do {
            return try prompt(for: try row(arguments))
        } catch let error as RenderError {
            let problem = error.missing.map { "--\($0) is missing" } ?? error.message
            throw ValidationError("\(problem); \(needs)")
        }
    }

    /// A prompt that is handed over as it is; where the rows had a `prompt` of their own it is that field.
    func raw(_ value: String) throws -> GenerationRequest.Prompt {
        let text = try read(value, of: "--prompt")
        guard inputs.template == nil else { return .text(text) }
        switch inputs.form {
        case .promptCompletion, .preference: return try prompt(for: Self.row("prompt", text))
        case .text, .messages: return .text(text)
        }
    }

    private func prompt(for row: JSONObject) throws -> GenerationRequest.Prompt {
        guard case .messages(let field) = inputs.form else { return .text(try template.prompt(for: row)) }
        return .messages(try ChatMessage.question(row, field: field))
    }

    private var needs: String {
        let flags = template.promptFields.map { "--\($0)" }
        let source = inputs.template == nil ? "data" : "template"
        return "this version's \(source) takes \(flags.isEmpty ? "no field" : flags.joined(separator: ", "))"
    }

    private func row(_ arguments: [String]) throws -> JSONObject {
        var row = JSONObject()
        var rest = arguments[...]
        while let flag = rest.popFirst() {
            guard flag.hasPrefix("--"), flag.utf8.count > 2 else {
                throw ValidationError("unexpected `\(flag)`; \(needs)")
            }
            let parts = flag.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let field = String(parts[0])
            guard template.promptFields.contains(field) else {
                let near = Suggestion.nearest(field, among: template.promptFields)
                throw ValidationError(
                    "there is no field for --\(field); \(near.map { "did you mean --\($0)" } ?? needs)"
                )
            }
            guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst() else {
                throw ValidationError("--\(field) needs a value")
            }
            row[field] = .string(try read(value, of: "--\(field)"))
        }
        return row
    }

    private static func row(_ field: String, _ text: String) -> JSONObject {
        JSONObject([JSONObject.Member(key: field, value: .string(text))])
    }

    /// A value as it is, of a file as `@file`, or of standard input as `@-`; `@@` begins a value with an at sign.
    private func read(_ value: String, of flag: String) throws -> String {
        guard value.hasPrefix("@") else { return value }
        let name = String(value.dropFirst())
        guard !name.hasPrefix("@") else { return name }
        let path = name == "-" ? "/dev/stdin" : name.hasPrefix("/") ? name : "\(folder)/\(name)"
        do {
            let bytes = try FileContents.read(path)
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw ValidationError("\(flag): \(name) is not UTF-8 text")
            }
            return text.last?.isNewline == true ? String(text.dropLast()) : text
        } catch let error as POSIXError {
            throw ValidationError("\(flag): \(error); a value that begins with an at sign is written @\(value)")
        }
    }
}
