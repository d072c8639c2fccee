//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON

/// The texts of a rendered row, read from its canonical JSON into memory that is kept from row to row.
struct RowTexts {
    /// What the model is only shown; of a conversation all but its last answer.
    private(set) var prompt: [UInt8] = []
    /// What the model learns to say; of two answers the chosen one.
    private(set) var completion: [UInt8] = []
    /// What it learns to say less often, where rows have two answers.
    private(set) var rejected: [UInt8] = []
    /// Whether there are two answers.
    private(set) var isPreference = false
    /// Whether prompt and completion are told apart.
    private(set) var hasPrompt = false
    /// The estimated tokens of the prompt.
    private(set) var promptTokens = 0
    /// The estimated tokens of all texts that are read in one go: of two answers those of the longer one count.
    private(set) var tokens = 0

    private static let pair = Array(#"{"completion":""#.utf8)
    private static let prompt = Array(#"","prompt":""#.utf8)
    private static let chosen = Array(#"{"chosen":""#.utf8)
    private static let rejected = Array(#"","rejected":""#.utf8)
    private static let text = Array(#"{"text":""#.utf8)
    /// The quote and the brace that end a row of texts.
    private static let end = 2

    /// Reads a row that was rendered.
    mutating func read(_ row: borrowing Span<UInt8>) {
        prompt.removeAll(keepingCapacity: true)
        completion.removeAll(keepingCapacity: true)
        rejected.removeAll(keepingCapacity: true)
        (hasPrompt, isPreference, promptTokens, tokens) = (false, false, 0, 0)
        let last = row.count - Self.end
        if row.starts(with: Self.pair, at: 0), let end = Self.endOfText(row, from: Self.pair.count),
            row.starts(with: Self.prompt, at: end)
        {
            hasPrompt = true
            completion.appendUnescaped(row, Self.pair.count..<end)
            prompt.appendUnescaped(row, (end + Self.prompt.count)..<max(last, end + Self.prompt.count))
        } else if row.starts(with: Self.chosen, at: 0) {
            readPreference(row, to: last)
        } else if row.starts(with: Self.text, at: 0) {
            completion.appendUnescaped(row, Self.text.count..<max(last, Self.text.count))
        } else {
            return readConversation(row)
        }
        promptTokens = TokenEstimator.tokens(in: prompt.span)
        let answers = [completion, rejected].map { TokenEstimator.tokens(in: $0.span) }
        tokens = promptTokens + (answers.max() ?? 0)
    }

    private mutating func readPreference(_ row: borrowing Span<UInt8>, to last: Int) {
        guard let end = Self.endOfText(row, from: Self.chosen.count), row.starts(with: Self.prompt, at: end),
            let behind = Self.endOfText(row, from: end + Self.prompt.count), row.starts(with: Self.rejected, at: behind)
        else { return }
        (hasPrompt, isPreference) = (true, true)
        completion.appendUnescaped(row, Self.chosen.count..<end)
        prompt.appendUnescaped(row, (end + Self.prompt.count)..<behind)
        rejected.appendUnescaped(row, (behind + Self.rejected.count)..<max(last, behind + Self.rejected.count))
    }

    /// Where a text ends that began before.
    private static func endOfText(_ row: borrowing Span<UInt8>, from start: Int) -> Int? {
        var from = start
        while let quote = row.index(of: UInt8(ascii: "\""), from: from) {
            var slashes = 0
            while quote - slashes > start, row[quote - slashes - 1] == UInt8(ascii: "\\") { slashes += 1 }
            if slashes.isMultiple(of: 2) { return quote }
            from = quote + 1
        }
        return nil
    }

    private mutating func readConversation(_ row: borrowing Span<UInt8>) {
        var bytes: [UInt8] = []
        bytes.append(row, 0..<row.count)
        guard case .messages(let messages)? = (try? JSONParser.parse(bytes[...])).flatMap(RenderedRow.init(json:)),
            let answer = messages.lastIndex(where: { $0.role == .assistant })
        else { return }
        hasPrompt = true
        for (index, message) in messages.enumerated() {
            let count = TokenEstimator.tokens(in: message.content)
            tokens += count
            if index == answer {
                completion += message.content.utf8
            } else {
                prompt += message.content.utf8
                prompt.append(UInt8(ascii: "\n"))
                promptTokens += count
            }
        }
    }
}

extension Span<UInt8> {
    /// Whether a text stands at a place.
    func starts(with text: [UInt8], at start: Int) -> Bool {
        guard start >= 0, count - start >= text.count else { return false }
        for (offset, byte) in text.enumerated() where self[start + offset] != byte { return false }
        return true
    }
}
