//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import JSON
internal import Resources

/// Turns rows into what the trainer reads.
///
/// Without a template a row that has `prompt` and `completion`, or `chosen` and `rejected` in its place, is rendered with
/// a line feed behind its prompt, as the trainer of Replicate's guide joined them; `text` and `messages` rows stay as they
/// are. All rows of a file have the form of its first row.
package struct RowRenderer: Hashable, Sendable {
    /// The template; none for rows that are rendered already.
    let template: CompiledTemplate?

    /// Makes a renderer.
    package init(template: CompiledTemplate?) { self.template = template }

    /// The fields that all rows have to have. Without a template the first is what a row lacks that has none of the
    /// fields by which its form is told.
    var fields: [String] {
        guard let template else { return [Self.form, "prompt", "completion"] }
        return template.promptFields + template.completionFields
    }

    /// Stands for the fields by which a row's form is told; no field has such a name.
    static let form = "\0"

    /// Which of these fields a row lacks.
    func lacking(_ row: JSONObject) -> [String] {
        if template != nil { return fields.filter { row[$0] == nil } }
        if PlainForm.prefers(row) { return ["prompt", "chosen", "rejected"].filter { row[$0] == nil } }
        let pair = ["prompt", "completion"].filter { row[$0] == nil }
        guard pair.count == 2 else { return pair }
        return row["text"] == nil && row["messages"] == nil ? [Self.form] : []
    }

    /// The row as the trainer reads it.
    package func render(_ row: JSONObject) throws(RenderError) -> RenderedRow {
        guard let template else { return try Self.checked(try Self.renderPlain(row)) }
        return try Self.checked(try Self.render(row, by: template))
    }

    private static func render(_ row: JSONObject, by template: CompiledTemplate) throws(RenderError) -> RenderedRow {
        switch template.form {
        case .promptCompletion(let prompt, let completion):
            return .promptCompletion(prompt: try prompt.render(row), completion: try completion.render(row))
        case .preference(let prompt, let chosen, let rejected):
            return .preference(
                prompt: try prompt.render(row),
                chosen: try chosen.render(row),
                rejected: try rejected.render(row)
            )
        case .text(let text): return .text(try text.render(row))
        case .messages(let field):
            let path = FieldPath(field: field, keys: [])
            return .messages(try ChatMessage.list(try path.value(in: row), field: field))
        }
    }

    private static func renderPlain(_ row: JSONObject) throws(RenderError) -> RenderedRow {
        switch try PlainForm(of: row) {
        case .promptCompletion:
            let prompt = try string("prompt", of: row)
            return .promptCompletion(prompt: prompt + "\n", completion: try string("completion", of: row))
        case .preference:
            let prompt = try string("prompt", of: row)
            let (chosen, rejected) = (try string("chosen", of: row), try string("rejected", of: row))
            return .preference(prompt: prompt + "\n", chosen: chosen, rejected: rejected)
        case .text: return .text(try string("text", of: row))
        case .messages: return .messages(try ChatMessage.list(row["messages"] ?? .null, field: "messages"))
        }
    }

    private static func string(_ field: String, of row: JSONObject) throws(RenderError) -> String {
        let value = try FieldPath(field: field, keys: []).value(in: row)
        guard let text = value.string else { throw RenderError("\(quoted(field)) is \(value.kind) and not a string") }
        return text
    }

    private static func checked(_ row: RenderedRow) throws(RenderError) -> RenderedRow {
        switch row {
        case .promptCompletion(_, ""): throw RenderError("the completion is empty: nothing can be learned from it")
        case .preference(_, "", _): throw RenderError("the chosen answer is empty: nothing can be learned from it")
        case .preference(_, _, ""): throw RenderError("the rejected answer is empty: nothing can be learned from it")
        case .text(""): throw RenderError("the text is empty: nothing can be learned from it")
        default: row
        }
    }
}

/// The form of a row that needs no template.
private enum PlainForm {
    case promptCompletion
    case preference
    case text
    case messages

    /// Whether a row is one of preferences: it has both answers, or one of them where its prompt has no other.
    static func prefers(_ row: JSONObject) -> Bool {
        switch (row["chosen"] != nil, row["rejected"] != nil) {
        case (true, true): true
        case (false, false): false
        default: row["prompt"] != nil && row["completion"] == nil
        }
    }

    init(of row: JSONObject) throws(RenderError) {
        let prefers = Self.prefers(row)
        let hasPair = row["completion"] != nil || (row["prompt"] != nil && !prefers)
        switch (hasPair, prefers, row["text"] != nil, row["messages"] != nil) {
        case (true, false, false, false): self = .promptCompletion
        case (false, true, false, false): self = .preference
        case (false, false, true, false): self = .text
        case (false, false, false, true): self = .messages
        case (false, false, false, false):
            let fields = row.keys.prefix(8).map(quoted).joined(separator: ", ")
            throw RenderError(
                "the row has neither prompt and completion or chosen and rejected, nor text, nor messages"
                    + (fields.isEmpty ? "" : ", only \(fields)") + ": name a template in the FineTune",
                missing: RowRenderer.form
            )
        default:
            let forms = "completion, chosen and rejected, text, and messages"
            throw RenderError("the row has several of \(forms): say by a template which it is to be")
        }
    }
}

extension RenderedRow.Form {
    /// The form by which rows without a template are rendered, written as a template: whoever asks the model later
    /// joins as the rows were joined.
    var template: Template.Form {
        switch self {
        case .promptCompletion: .promptCompletion(prompt: "{prompt}\n", completion: "{completion}")
        case .preference: .preference(prompt: "{prompt}\n", chosen: "{chosen}", rejected: "{rejected}")
        case .text: .text("{text}")
        case .messages: .messages(field: "messages")
        }
    }
}

extension CompiledTemplate {
    /// What the model is to go on from, of a row that may lack the fields of the answer.
    ///
    /// A template of one text is cut before the first field that the row has not. Conversations have no such prompt.
    package func prompt(for row: JSONObject) throws(RenderError) -> String {
        switch form {
        case .promptCompletion(let prompt, _), .preference(let prompt, _, _): return try prompt.render(row)
        case .text(let text): return try text.renderStart(row)
        case .messages:
            throw RenderError("a conversation has no prompt text: the base's chat template makes it")
        }
    }

    /// The answer that the row holds, of two the chosen one, or nothing where it lacks one of the answer's fields.
    package func reference(for row: JSONObject) throws(RenderError) -> String? {
        do {
            return try form.answers.first?.render(row)
        } catch {
            if error.missing != nil { return nil }
            throw error
        }
    }
}
