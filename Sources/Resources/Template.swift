//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// How a row becomes what the model reads and what it has to answer.
package struct Template: Hashable, Sendable {
    /// The shape of a rendered row.
    package enum Form: Hashable, Sendable {
        /// A prompt and the completion that carries the loss, joined by nothing.
        case promptCompletion(prompt: String, completion: String)
        /// A prompt and two answers to it, of which one is preferred.
        case preference(prompt: String, chosen: String, rejected: String)
        /// One text, all of which carries the loss.
        case text(String)
        /// The field that has the messages.
        case messages(field: String)

        /// The texts that name fields, each with the key that it has in a manifest.
        package var texts: [(key: String, text: String)] {
            switch self {
            case .promptCompletion(let prompt, let completion): [("prompt", prompt), ("completion", completion)]
            case .preference(let prompt, let chosen, let rejected):
                [("prompt", prompt), ("chosen", chosen), ("rejected", rejected)]
            case .text(let text): [("text", text)]
            case .messages: []
            }
        }

        /// Whether each row has two answers, of which one is preferred.
        package var isPreference: Bool { if case .preference = self { true } else { false } }
    }

    /// What a row becomes, in Python's `str.format` with named fields.
    package var form: Form
    /// Texts at which a generated answer ends.
    package var stop: [String]

    /// Makes a template.
    package init(form: Form, stop: [String] = []) {
        self.form = form
        self.stop = stop
    }
}
