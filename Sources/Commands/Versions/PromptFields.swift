//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Datasets
internal import JSON
internal import POSIX
internal import Resources

/// The prompt of a `run` or `compare`: rendered from one flag a template field, or given as it is.
struct PromptFields {
    private let record: VersionRecord
    private let renderer: RowRenderer
    /// Where relative paths of files start.
    private let folder: String

    init(_ record: VersionRecord, folder: String) throws {
        self.record = record
        self.folder = folder
        let template = try record.inputs.form.map { try CompiledTemplate(Template(form: $0, stop: record.inputs.stop)) }
        renderer = RowRenderer(template: template)
    }

    /// Renders the flags behind the model's name; `@file` reads a value from a file, `@-` from standard input.
    func prompt(_ arguments: [String]) throws -> String {
        do {
            return try renderer.prompt(for: try row(arguments))
        } catch let error as RenderError {
            throw ValidationError("\(error.message); this version's template needs \(needed)")
        }
    }

    /// A prompt that is handed over as it is; a version without a template gets the line feed that its rows had.
    func raw(_ value: String) throws -> String {
        let text = try read(value)
        guard record.inputs.form == nil else { return text }
        let row = JSONObject([JSONObject.Member(key: "prompt", value: .string(text))])
        return (try? renderer.prompt(for: row)) ?? text
    }

    private var needed: String {
        guard let form = record.inputs.form, let template = try? CompiledTemplate(Template(form: form)) else {
            return "--prompt"
        }
        return template.promptFields.map { "--\($0)" }.joined(separator: ", ")
    }

    private func row(_ arguments: [String]) throws -> JSONObject {
        var row = JSONObject()
        var rest = arguments[...]
        while let flag = rest.popFirst() {
            guard flag.hasPrefix("--"), flag.utf8.count > 2 else {
                throw ValidationError("unexpected `\(flag)`; this version's template needs \(needed)")
            }
            let parts = flag.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count == 2 ? String(parts[1]) : rest.popFirst()
            guard let value else { throw ValidationError("\(flag) needs a value") }
            row[String(parts[0])] = .string(try read(value))
        }
        return row
    }

    private func read(_ value: String) throws -> String {
        guard value.hasPrefix("@") else { return value }
        let name = String(value.dropFirst())
        let path = name == "-" ? "/dev/stdin" : name.hasPrefix("/") ? name : "\(folder)/\(name)"
        let text = String(decoding: try FileContents.read(path), as: UTF8.self)
        return text.last?.isNewline == true ? String(text.dropLast()) : text
    }
}
