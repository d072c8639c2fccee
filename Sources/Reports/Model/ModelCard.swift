//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
internal import Planning
package import Resources

/// The page of a version that is taken away, as model hubs show it: made of its record, with the hub's header.
package struct ModelCard {
    private let version: VersionRecord
    private let description: String?
    private let license: String?
    private let form: ExportForm

    /// The card as markdown that ends with a line feed.
    ///
    /// Its header follows the model cards of the Hugging Face hub: `base_model` is there where the base is one of the
    /// hub's, and `license` where the BaseModel names it.
    package static func markdown(
        _ version: VersionRecord,
        description: String? = nil,
        license: String? = nil,
        form: ExportForm
    ) -> String {
        let card = ModelCard(version: version, description: description, license: license, form: form)
        return card.blocks.joined(separator: "\n\n") + "\n"
    }

    private var blocks: [String] {
        let name = MarkdownText.inline(version.label)
        let about = description.map { [MarkdownText.paragraph($0)] } ?? []
        return [header, "# \(name)"] + about + [origin, "## How to ask it", asking] + running + scores
            + ["## Training", parameters, provenance]
    }

    private var header: String {
        var fields: [(String, String)] = []
        if case .huggingFace(let id, _)? = version.inputs.baseSource { fields.append(("base_model", id)) }
        if let license { fields.append(("license", license)) }
        if let library { fields.append(("library_name", library)) }
        fields.append(("pipeline_tag", "text-generation"))
        let lines = fields.map { "\($0.0): \(Self.quoted($0.1))" }
        let tags = ["ftops"] + (version.inputs.trainsAllWeights ? [] : ["lora"]) + (form.isGGUF ? ["gguf"] : [])
        return (["---"] + lines + ["tags: [\(tags.joined(separator: ", "))]", "---"]).joined(separator: "\n")
    }

    private var library: String? {
        switch form {
        case .adapter: version.inputs.trainsAllWeights ? "transformers" : "peft"
        case .hf: "transformers"
        // It is for programs, which are no libraries.
        case .gguf, .ollama: nil
        }
    }

    /// JSON's quoted texts are YAML's too.
    private static func quoted(_ text: String) -> String { JSONText.compact(.string(text)) }

    private var origin: String {
        let inputs = version.inputs
        let rows = Figures.count(inputs.trainRows, "row")
        let adapter = form.isMerged ? "A LoRA fine-tune, merged into its base" : "A LoRA adapter"
        let what = inputs.trainsAllWeights ? "A model of its own, all of whose weights were trained" : adapter
        return "\(what): base \(MarkdownText.inline(inputs.base.rawValue)), trained on \(rows) of dataset "
            + "\(MarkdownText.inline(inputs.dataset.rawValue)) for \(Figures.count(version.training.steps, "step"))."
    }

    private var asking: String {
        let stops = version.inputs.stop.map { Self.code(Self.quoted($0)) }.joined(separator: ", ")
        let end = stops.isEmpty ? "" : "\n\nAn answer ends at \(stops)."
        switch version.inputs.form {
        case .promptCompletion(let prompt, _), .preference(let prompt, _, _):
            return
                "It was trained on this prompt, with nothing between it and the answer:\n\n\(Self.fenced(prompt))\(end)"
        case .text(let text): return "It was trained on texts of this form:\n\n\(Self.fenced(text))\(end)"
        case .messages: return "It was trained on conversations in the base's own chat template.\(end)"
        }
    }

    private var running: [String] {
        switch form {
        case .adapter, .hf: []
        case .gguf: ["With llama.cpp, in this folder:\n\n\(Self.fenced("llama-cli -m model.gguf --temp 0", as: "sh"))"]
        case .ollama: ["With Ollama, in this folder:\n\n\(Self.fenced(ollama, as: "sh"))"]
        }
    }

    private var ollama: String {
        let name = version.model.name.lowercased()
        let question = if case .messages = version.inputs.form { "a question" } else { "the prompt, filled in" }
        return "ollama create \(name) -f \(OllamaModelfile.name)\nollama run \(name) \"\(question)\""
    }

    /// A span of code, between more backticks than the text has in a row.
    private static func code(_ text: String) -> String {
        let fence = String(repeating: "`", count: longestRow(in: text) + 1)
        return "\(fence) \(text) \(fence)"
    }

    private static func longestRow(in text: String) -> Int { text.split { $0 != "`" }.map(\.count).max() ?? 0 }

    /// A block of code, between more backticks than the text has in a row.
    private static func fenced(_ text: String, as language: String = "text") -> String {
        let fence = String(repeating: "`", count: max(3, longestRow(in: text) + 1))
        return "\(fence)\(language)\n\(text)\n\(fence)"
    }

    private var scores: [String] {
        let scores = VersionScores.fields(version)
        guard !scores.isEmpty else { return [] }
        let rows = scores.map { "| \($0.name) | \($0.base) | \($0.version) |" }
        return ["## Results", (["| | base | fine-tuned |", "|---|---:|---:|"] + rows).joined(separator: "\n")]
    }

    private var parameters: String {
        let rows = version.inputs.meaningfulParameters.map { "| \($0.name) | \(MarkdownText.inline($0.value.text)) |" }
        return (["| hyperparameter | value |", "|---|---|"] + rows).joined(separator: "\n")
    }

    private var provenance: String {
        let lines = [
            "- version \(version.id.rawValue)", "- fingerprint \(version.fingerprint.rawValue)",
            "- base \(MarkdownText.inline(version.inputs.baseIdentity))",
            "- training rows sha256 \(version.inputs.train.rawValue)",
            "- commit \(MarkdownText.inline(version.commit))",
        ]
        return "Made by ftops from the version's record:\n\n" + lines.joined(separator: "\n")
    }
}
