//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Datasets
internal import Planning
internal import Reports
internal import Resources

/// What is worth knowing about a fine-tune's rows before they are trained on.
///
/// It tells how many rows and which is the first, and nothing of what is in them.
struct DataWarnings {
    private let fineTune: ResolvedFineTune
    /// What the base's own tokenizer counted, where it did.
    private let counted: TokenCount?
    private let facts: DataFacts
    private let state: DesiredState

    init(_ fineTune: ResolvedFineTune, _ facts: DataFacts, counted: TokenCount?, _ state: DesiredState) {
        self.fineTune = fineTune
        self.counted = counted
        self.facts = facts
        self.state = state
    }

    /// The findings, each at its line of the manifests.
    var findings: [Diagnostic] {
        [unusedFields, emptyRender, longRows, duplicates, leaked, asked, personalData, secrets].compactMap { $0 }
    }

    private var name: ResourceName { fineTune.request.inputs.dataset }
    private var dataset: Located<Dataset>? { state.datasets[name] }

    // MARK: Rendering

    private var unusedFields: Diagnostic? {
        let filter = dataset?.spec.filter.flatMap { try? RowFilter($0) }?.fieldNames ?? []
        let fields = facts.unusedFields.filter { !Self.isMetadata($0) && !filter.contains($0) }
        guard !fields.isEmpty else { return nil }
        let shown = fields.prefix(6).map { "`\($0)`" }.joined(separator: ", ")
        let more = fields.count > 6 ? " and \(fields.count - 6) more" : ""
        let (verb, range): (String, SourceRange?) =
            if let template = fineTune.request.inputs.template {
                ("template \(template) leaves out", Self.text(of: state.templates[template]))
            } else {
                ("nothing renders", source)
            }
        return finding("unused-fields", "\(verb) \(shown)\(more) of dataset \(name)", at: range)
    }

    private static func text(of template: Located<Template>?) -> SourceRange? {
        let fields = ["prompt", "text", "messages"]
        return fields.lazy.compactMap { template?.fields["spec.\($0)"] }.first ?? template?.range
    }

    /// Whether a field names its row, or where it comes from, which no template is expected to use.
    private static func isMetadata(_ field: String) -> Bool {
        let lower = field.lowercased()
        let names = ["id", "uuid", "guid", "idx", "index", "row", "key", "hash", "url", "source", "split", "timestamp"]
        return names.contains { lower == $0 || lower.hasSuffix("_" + $0) } || lower.hasPrefix("_")
    }

    private var emptyRender: Diagnostic? {
        let parts = [(RowTrait.emptyPrompt, "prompt"), (.emptyCompletion, part)].compactMap { trait, part in
            facts.traits[trait].map { (found: $0, text: "\(rows($0.count)) with an empty \(part)") }
        }
        guard !parts.isEmpty else { return nil }
        let message = "dataset \(name) has " + parts.map(\.text).joined(separator: " and ")
        return finding("empty-render", message, at: source, notes: note(parts.compactMap(\.found.first).min()))
    }

    /// What is learned of a row.
    private var part: String {
        switch fineTune.data.form {
        case .promptCompletion: "completion"
        case .preference: "answer"
        case .text: "text"
        case .messages: "answer"
        }
    }

    private var longRows: Diagnostic? {
        let limit = RowLimit(fineTune.request, state)
        let sides = [facts.train, facts.validation]
        let count = counted?.truncated ?? sides.reduce(0) { $0 + limit.cut($1.lengths) }
        guard count > 0 else { return nil }
        let lost = counted?.rejected ?? sides.reduce(0) { $0 + limit.lost($1.prompts) }
        let size = limit.isContext ? "that \(fineTune.request.inputs.base) reads" : "of `chunk_size`"
        let mark = counted == nil ? "~" : ""
        var message =
            "dataset \(name) has \(mark)\(rows(count)) over the \(Figures.count(limit.tokens)) tokens \(size): "
        message += count == 1 ? "it is cut" : "they are cut"
        if lost > 0 { message += lost == count ? ", and left out" : ", and \(mark)\(Figures.count(lost)) left out" }
        if lost > 0 { message += " as nothing of the \(part) is left" }
        let longest = "the longest (~\(Figures.count(facts.longest.count, "token")))"
        return finding("long-rows", message, at: place(of: limit), notes: note(facts.longest.first, longest))
    }

    private func place(of limit: RowLimit) -> SourceRange? {
        if limit.isContext { return state.baseModels[fineTune.request.inputs.base]?.fields["spec.context"] ?? source }
        let located = state.fineTunes[fineTune.request.fineTune]
        let profile = located?.spec.profile.flatMap { state.hyperparameters[$0] }
        return located?.fields["spec.hyperparameters.chunk_size"] ?? profile?.fields["spec.chunk_size"] ?? source
    }

    // MARK: Repetitions

    private var duplicates: Diagnostic? {
        guard facts.duplicates.count > 0 else { return nil }
        let message = "dataset \(name) has \(repeats(facts.duplicates)) that are the same as an earlier one"
        return finding("duplicate-rows", Self.singular(message), at: source, notes: note(facts.duplicates.first))
    }

    private var leaked: Diagnostic? {
        guard facts.leaked.count > 0 else { return nil }
        let message = "dataset \(name) has \(repeats(facts.leaked)) that validate and train too"
        let range = dataset?.fields["spec.validation"] ?? source
        guard case .source(let other, _) = dataset?.spec.validation, let first = facts.leaked.first else {
            return finding("validation-trains", Self.singular(message), at: range, notes: note(facts.leaked.first))
        }
        let note = "the first is row \(first) of \(other.text)"
        return finding("validation-trains", Self.singular(message), at: range, notes: [note])
    }

    private var asked: Diagnostic? {
        guard let first = facts.asked.first else { return nil }
        let (count, fields) = (facts.asked.count, state.fineTunes[fineTune.request.fineTune]?.fields)
        let what = count == 1 ? "evaluation prompt \(first) is" : "\(count) evaluation prompts are"
        return finding(
            "evaluation-trains",
            "\(what) trained on too: the answer shows what was learned by heart",
            at: fields?["spec.evaluation.prompts[\(first - 1)]"] ?? fields?["spec.evaluation.prompts"]
                ?? fineTune.request.range,
            notes: count == 1 ? [] : ["the first is prompt \(first)"]
        )
    }

    private func repeats(_ found: DataFacts.Found) -> String {
        (facts.areRepeatsEstimated ? "about " : "") + rows(found.count)
    }

    private static func singular(_ message: String) -> String {
        guard message.contains(" 1 row that ") else { return message }
        return message.replacing("that are the", with: "that is the")
            .replacing("validate and train", with: "validates and trains")
    }

    // MARK: What should not be in rows

    private var personalData: Diagnostic? {
        let parts = [(RowTrait.email, "e-mail addresses"), (.phone, "phone numbers")].compactMap { trait, what in
            facts.traits[trait].map { (found: $0, text: "\(what) in \(rows($0.count))") }
        }
        guard !parts.isEmpty else { return nil }
        let message = "dataset \(name) has " + parts.map(\.text).joined(separator: ", ")
        return finding("personal-data", message, at: source, notes: note(parts.compactMap(\.found.first).min()))
    }

    private var secrets: Diagnostic? {
        guard let found = facts.traits[.key] else { return nil }
        let message = "dataset \(name) has what looks like a key or a password in \(rows(found.count))"
        return finding("secret-in-data", message, at: source, notes: note(found.first))
    }

    // MARK: Findings

    private var source: SourceRange? {
        dataset.flatMap { $0.fields["spec.source"] ?? $0.fields["spec.mix"] ?? $0.range }
    }

    private func rows(_ count: Int) -> String { Figures.count(count, "row") }

    private func note(_ number: Int?, _ which: String = "the first") -> [String] {
        guard let number else { return [] }
        let name = fineTune.request.fineTune.rawValue
        let quoted = name.contains("[") ? "'\(name)'" : name
        return ["\(which) is row \(number): ftops data preview \(quoted) --row \(number)"]
    }

    private func finding(
        _ id: Diagnostic.ID,
        _ message: String,
        at range: SourceRange?,
        notes: [String] = []
    ) -> Diagnostic {
        Diagnostic(id, message, severity: .warning, range: range, notes: notes)
    }
}
