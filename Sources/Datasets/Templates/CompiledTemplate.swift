//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
package import Resources

/// A template whose texts are compiled, for training rows and for prompts alike.
package struct CompiledTemplate: Hashable, Sendable {
    enum Form: Hashable, Sendable {
        case promptCompletion(prompt: TemplateText, completion: TemplateText)
        case preference(prompt: TemplateText, chosen: TemplateText, rejected: TemplateText)
        case text(TemplateText)
        case messages(field: String)
    }

    let form: Form
    /// The form as it was written.
    let source: Template.Form

    /// Texts at which a generated answer ends.
    package let stop: [String]

    /// Compiles a template, and says which of its texts is wrong where one is.
    package init(_ template: Template) throws(TemplateError) {
        stop = template.stop
        source = template.form
        switch template.form {
        case .promptCompletion(let prompt, let completion):
            form = .promptCompletion(
                prompt: try Self.compile(prompt, part: "prompt"),
                completion: try Self.compile(completion, part: "completion")
            )
        case .preference(let prompt, let chosen, let rejected):
            form = .preference(
                prompt: try Self.compile(prompt, part: "prompt"),
                chosen: try Self.compile(chosen, part: "chosen"),
                rejected: try Self.compile(rejected, part: "rejected")
            )
        case .text(let text): form = .text(try Self.compile(text, part: "text"))
        case .messages(let field): form = .messages(field: field)
        }
    }

    /// All that is wrong with a template's texts.
    package static func problems(of template: Template) -> [TemplateError] {
        template.form.texts.flatMap { part, text in
            var compiler = TemplateCompiler(text)
            return compiler.problems().map { problem in
                var problem = problem
                problem.part = part
                return problem
            }
        }
    }

    private static func compile(_ text: String, part: String) throws(TemplateError) -> TemplateText {
        do {
            return try TemplateText.compile(text)
        } catch {
            var error = error
            error.part = part
            throw error
        }
    }

    /// A place of a template that names a field.
    package struct FieldPlace: Hashable, Sendable {
        /// The key that the template's text has in a manifest.
        package let part: String
        /// Where the field's name begins in the text, in Unicode scalars from 0.
        package let offset: Int
    }

    /// Where the template first names a field.
    package func place(of field: String) -> FieldPlace? {
        if case .messages(field) = source { return FieldPlace(part: "messages", offset: 0) }
        for (part, text) in source.texts {
            var compiler = TemplateCompiler(text)
            if let offset = compiler.offset(of: field) { return FieldPlace(part: part, offset: offset) }
        }
        return nil
    }

    /// The fields that a prompt is made of: those of the prompt, or of the one text.
    package var promptFields: [String] {
        switch form {
        case .promptCompletion(let prompt, _), .preference(let prompt, _, _): prompt.fields
        case .text(let text): text.fields
        case .messages(let field): [field]
        }
    }

    /// The fields that a completion, or two answers, are made of beyond those of the prompt.
    package var completionFields: [String] {
        var known = promptFields
        return form.answers.flatMap(\.fields).filter { field in
            defer { known.append(field) }
            return !known.contains(where: field.isIdentical)
        }
    }
}

extension CompiledTemplate.Form {
    /// The texts of what the model answers, apart from the prompt.
    var answers: [TemplateText] {
        switch self {
        case .promptCompletion(_, let completion): [completion]
        case .preference(_, let chosen, let rejected): [chosen, rejected]
        case .text, .messages: []
        }
    }

    /// All texts that rows are put into.
    var texts: [TemplateText] {
        switch self {
        case .promptCompletion(let prompt, _), .preference(let prompt, _, _): [prompt] + answers
        case .text(let text): [text]
        case .messages: []
        }
    }
}
