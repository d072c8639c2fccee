//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// What is known of one row once its texts have been looked at.
struct RowRecord: Sendable {
    /// Tells equal rows.
    let hash: UInt64
    let bytes: Int
    let tokens: Int
    let promptTokens: Int
    let traits: RowTraits
    /// The evaluation's prompt that it has, from 1; 0 for none.
    let question: Int
}

/// Looks at the texts of rendered rows, in any order.
struct RowInspector: Sendable {
    private let prompt: BlankText?
    private let completion: BlankText?
    /// Of the answer that is not preferred.
    private let rejected: BlankText?
    /// What the template's own text has, which is no finding in a row.
    private let own: SensitiveText
    private let ownScripts: ScriptCount
    private let questions: QuestionIndex
    private var texts = RowTexts()
    /// What was found that has no order.
    private(set) var findings = RowFindings()

    /// Makes an inspector of rows that a template renders; `questions` are rendered prompts that must not train.
    init(_ template: CompiledTemplate?, questions: [String] = []) {
        var (own, ownScripts) = (SensitiveText(), ScriptCount())
        for text in template?.form.texts ?? [] {
            own.add(text.literals.utf8Span.span)
            ownScripts.add(text.literals.utf8Span.span)
        }
        (self.own, self.ownScripts) = (own, ownScripts)
        switch template?.form {
        case .promptCompletion(let prompt, let completion):
            (self.prompt, self.completion, rejected) = (BlankText(prompt), BlankText(completion), nil)
        case .preference(let prompt, let chosen, let rejected):
            (self.prompt, completion, self.rejected) = (BlankText(prompt), BlankText(chosen), BlankText(rejected))
        case .text(let text): (prompt, completion, rejected) = (nil, BlankText(text), nil)
        case .messages, nil: (prompt, completion, rejected) = (BlankText(), BlankText(), BlankText())
        }
        self.questions = QuestionIndex(questions)
    }

    /// Looks at a row's canonical JSON.
    mutating func inspect(_ row: borrowing Span<UInt8>) -> RowRecord {
        texts.read(row)
        findings.rows += 1
        let (shown, learned, rejected) = (texts.prompt, texts.completion, texts.rejected)
        findings.scripts.add(shown.span)
        findings.scripts.add(learned.span)
        findings.scripts.add(rejected.span)
        if texts.hasPrompt { findings.labels.add(learned) }
        return RowRecord(
            hash: row.stableHash,
            bytes: row.count,
            tokens: texts.tokens,
            promptTokens: texts.promptTokens,
            traits: traits(shown, learned),
            question: texts.hasPrompt ? questions.number(of: shown) : questions.number(before: learned)
        )
    }

    private func traits(_ shown: [UInt8], _ learned: [UInt8]) -> RowTraits {
        var found = SensitiveText()
        found.add(shown.span)
        found.add(learned.span)
        found.add(texts.rejected.span)
        var traits = found.traits(beside: own)
        if texts.hasPrompt, prompt?.isAll(of: shown) ?? false { traits.insert(RowTraits(.emptyPrompt)) }
        let lacksRejected = texts.isPreference && (rejected?.isAll(of: texts.rejected) ?? false)
        if lacksRejected || completion?.isAll(of: learned) ?? false { traits.insert(RowTraits(.emptyCompletion)) }
        return traits
    }

    /// Tells what has no order.
    func tell(_ findings: RowFindings, in facts: inout DataFacts) {
        var letters = findings.scripts
        letters.add(ownScripts, times: -findings.rows)
        facts.scripts = letters.byName
        facts.labels = findings.labels.labels(of: findings.rows)
    }
}

/// Finds rendered prompts in rows.
private struct QuestionIndex: Sendable {
    private let texts: [[UInt8]]
    private let numbers: [UInt64: Int]

    init(_ questions: [String]) {
        texts = questions.map { Array($0.utf8) }
        numbers = Dictionary(texts.enumerated().map { ($1.span.stableHash, $0 + 1) }) { first, _ in first }
    }

    /// The number of a prompt, from 1; 0 for one that is none of them.
    func number(of prompt: [UInt8]) -> Int { numbers.isEmpty ? 0 : numbers[prompt.span.stableHash] ?? 0 }

    /// The number of the prompt that a text goes on from.
    func number(before text: [UInt8]) -> Int {
        (texts.firstIndex { !$0.isEmpty && text.starts(with: $0) } ?? -1) + 1
    }
}
