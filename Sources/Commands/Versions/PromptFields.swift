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

    /// Renders the flags behind the model's name; `@file` reads a value from a file, `@-` from standard input.
    func prompt(_ arguments: [String]) throws -> GenerationRequest.Prompt {
        do {
            return try prompt(for: try row(arguments))
        } catch let error as RenderError {
            throw ValidationError("\(error.message); this version's \(source) needs \(needed)")
        }
    }

    /// A prompt that is handed over as it is; where the rows had a `prompt` of their own it is that field.
    func raw(_ value: String) throws -> GenerationRequest.Prompt {
        let text = try read(value)
        guard inputs.template == nil, case .promptCompletion = inputs.form else { return .text(text) }
        return try prompt(for: Self.row("prompt", text))
    }

    private func prompt(for row: JSONObject) throws -> GenerationRequest.Prompt {
        guard case .messages(let field) = inputs.form else { return .text(try template.prompt(for: row)) }
        return .messages(try ChatMessage.question(row, field: field))
    }

    private var source: String { inputs.template == nil ? "data" : "template" }

    private var needed: String { template.promptFields.map { "--\($0)" }.joined(separator: ", ") }

    private func row(_ arguments: [String]) throws -> JSONObject {
        var row = JSONObject()
        var rest = arguments[...]
        while let flag = rest.popFirst() {
            guard flag.hasPrefix("--"), flag.utf8.count > 2 else {
                throw ValidationError("unexpected `\(flag)`; this version's \(source) needs \(needed)")
            }
            let parts = flag.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count == 2 ? String(parts[1]) : rest.popFirst()
            guard let value else { throw ValidationError("\(flag) needs a value") }
            row[String(parts[0])] = .string(try read(value))
        }
        return row
    }

    private static func row(_ field: String, _ text: String) -> JSONObject {
        JSONObject([JSONObject.Member(key: field, value: .string(text))])
    }

    private func read(_ value: String) throws -> String {
        guard value.hasPrefix("@") else { return value }
        let name = String(value.dropFirst())
        let path = name == "-" ? "/dev/stdin" : name.hasPrefix("/") ? name : "\(folder)/\(name)"
        let text = String(decoding: try FileContents.read(path), as: UTF8.self)
        return text.last?.isNewline == true ? String(text.dropLast()) : text
    }
}
