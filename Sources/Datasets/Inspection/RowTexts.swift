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
    /// What the model learns to say.
    private(set) var completion: [UInt8] = []
    /// Whether prompt and completion are told apart.
    private(set) var hasPrompt = false
    /// The estimated tokens of the prompt.
    private(set) var promptTokens = 0
    /// The estimated tokens of all texts.
    private(set) var tokens = 0

    private static let pair = Array(#"{"completion":""#.utf8)
    private static let prompt = Array(#"","prompt":""#.utf8)
    private static let text = Array(#"{"text":""#.utf8)
    /// The quote and the brace that end a row of texts.
    private static let end = 2

    /// Reads a row that was rendered.
    mutating func read(_ row: borrowing Span<UInt8>) {
        prompt.removeAll(keepingCapacity: true)
        completion.removeAll(keepingCapacity: true)
        (hasPrompt, promptTokens, tokens) = (false, 0, 0)
        let last = row.count - Self.end
        if row.starts(with: Self.pair, at: 0), let end = Self.endOfText(row, from: Self.pair.count),
            row.starts(with: Self.prompt, at: end)
        {
            hasPrompt = true
            completion.appendUnescaped(row, Self.pair.count..<end)
            prompt.appendUnescaped(row, (end + Self.prompt.count)..<max(last, end + Self.prompt.count))
        } else if row.starts(with: Self.text, at: 0) {
            completion.appendUnescaped(row, Self.text.count..<max(last, Self.text.count))
        } else {
            return readConversation(row)
        }
        promptTokens = TokenEstimator.tokens(in: prompt.span)
        tokens = promptTokens + TokenEstimator.tokens(in: completion.span)
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
