//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import JSON

/// A row as the trainer reads it.
package enum RenderedRow: Hashable, Sendable {
    /// A prompt and the completion that carries the loss, joined by nothing.
    case promptCompletion(prompt: String, completion: String)
    /// A prompt and two answers to it, of which the chosen one is to become the more likely.
    case preference(prompt: String, chosen: String, rejected: String)
    /// One text, all of which carries the loss.
    case text(String)
    /// A conversation, to which the base's own chat template is applied by the trainer.
    case messages([ChatMessage])

    /// Bytes of a text that a template makes of a row at most, twice those of the longest row.
    static let limit = 2 * LineReader.lineLimit

    /// The row as JSON, members in the order of the canonical form.
    package var json: JSONValue {
        switch self {
        case .promptCompletion(let prompt, let completion):
            ["completion": .string(completion), "prompt": .string(prompt)]
        case .preference(let prompt, let chosen, let rejected):
            ["chosen": .string(chosen), "prompt": .string(prompt), "rejected": .string(rejected)]
        case .text(let text): ["text": .string(text)]
        case .messages(let messages): ["messages": .array(messages.map(\.json))]
        }
    }

    /// Appends the row's canonical JSON without a line feed, which is what its digest is over.
    package func write(to out: inout [UInt8]) {
        switch self {
        case .promptCompletion(let prompt, let completion):
            out.append(contentsOf: "{\"completion\":".utf8)
            JSONText.writeString(completion, to: &out)
            out.append(contentsOf: ",\"prompt\":".utf8)
            JSONText.writeString(prompt, to: &out)
            out.append(UInt8(ascii: "}"))
        case .preference, .text, .messages: CanonicalJSON.write(json, to: &out)
        }
    }

    /// The estimated tokens of the row's texts.
    package var tokens: Int { texts.reduce(0) { $0 + TokenEstimator.tokens(in: $1) } }

    /// The texts that the model reads, without what a chat template puts round them: a prompt before each answer.
    package var texts: [String] {
        switch self {
        case .promptCompletion(let prompt, let completion): [prompt, completion]
        case .preference(let prompt, let chosen, let rejected): [prompt, chosen, prompt, rejected]
        case .text(let text): [text]
        case .messages(let messages): messages.map(\.content)
        }
    }
}

extension RenderedRow {
    /// Reads a row that `write` wrote; nothing from any other JSON.
    package init?(json: JSONValue) {
        if let prompt = json["prompt"]?.string, let completion = json["completion"]?.string {
            self = .promptCompletion(prompt: prompt, completion: completion)
        } else if let prompt = json["prompt"]?.string, let chosen = json["chosen"]?.string,
            let rejected = json["rejected"]?.string
        {
            self = .preference(prompt: prompt, chosen: chosen, rejected: rejected)
        } else if let text = json["text"]?.string {
            self = .text(text)
        } else if let messages = json["messages"], let list = try? ChatMessage.list(messages, field: "messages") {
            self = .messages(list)
        } else {
            return nil
        }
    }
}

extension RenderedRow {
    /// The fields that a row has, for people.
    enum Form: String, Sendable {
        case promptCompletion = "prompt and completion"
        case preference = "prompt, chosen and rejected"
        case text
        case messages
    }

    /// The fields that this row has.
    var form: Form {
        switch self {
        case .promptCompletion: .promptCompletion
        case .preference: .preference
        case .text: .text
        case .messages: .messages
        }
    }
}
