//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON

/// One model's answer to one prompt.
package struct Generation: Hashable, Sendable {
    /// Why an answer ended.
    package enum Reason: Hashable, Sendable {
        /// At a stop text, or by the model's own end.
        case stop
        /// At the most tokens that it may have.
        case length
        /// Somebody cancelled; the text is what there was until then.
        case cancelled
        /// Another reason, in the trainer's word.
        case other(String)
    }

    /// The model's name in the request.
    package let model: String
    /// The prompt's index in the request.
    package let prompt: Int
    /// The whole text.
    package internal(set) var text: String
    /// Why it ended.
    package internal(set) var reason: Reason
    /// How many tokens it took.
    package internal(set) var tokens: Int
}

/// A part of an answer, as it comes.
package struct GenerationPiece: Hashable, Sendable {
    /// The model's name in the request.
    package let model: String
    /// The prompt's index in the request.
    package let prompt: Int
    /// The text that was added; empty when the answer has ended.
    package let text: String
    /// Whether the answer has ended.
    package let isLast: Bool
}

/// Puts the trainer's lines together into answers.
struct GenerationReader {
    /// How a worker says that there is no more to come.
    enum End: Hashable {
        /// All answers are whole.
        case finished
        /// They are not, for this reason.
        case failed(String)
    }

    /// No line is as long as this, but for one of something that is no trainer.
    private static let longest = 1 << 20

    private var rest: [UInt8] = []
    private(set) var answers: [Generation] = []
    private(set) var end: End?

    /// Takes what the trainer printed and returns the parts that are whole; a line that is none of its is an error.
    mutating func add(_ bytes: [UInt8]) throws(InferenceError) -> [GenerationPiece] {
        rest += bytes
        guard let last = rest.lastIndex(of: UInt8(ascii: "\n")) else {
            guard rest.count <= Self.longest else { throw Self.foreign(rest[...]) }
            return []
        }
        let lines = rest[..<last].split(separator: UInt8(ascii: "\n"))
        rest.removeSubrange(...last)
        var pieces: [GenerationPiece] = []
        for line in lines where end == nil {
            let value = try? JSONParser.parse(line)
            end = Self.end(value)
            if end == nil { pieces.append(try take(value, line)) }
        }
        return pieces
    }

    private static func end(_ value: JSONValue?) -> End? {
        if let reason = value?["failure"]?.string { return .failed(reason) }
        return value?["finished"]?.bool == true ? .finished : nil
    }

    private static func foreign(_ line: ArraySlice<UInt8>) -> InferenceError {
        let text = String(decoding: line.prefix(200), as: UTF8.self)
        return InferenceError(.trainer, "the trainer answered with a line that is no part of an answer: \(text)")
    }

    private mutating func take(
        _ value: JSONValue?,
        _ line: ArraySlice<UInt8>
    ) throws(InferenceError) -> GenerationPiece {
        guard let value, let model = value["model"]?.string,
            let prompt = value["prompt"]?.int
        else { throw Self.foreign(line) }
        let index = place(model: model, prompt: prompt)
        let text = value["text"]?.string ?? ""
        let isLast = value["done"]?.bool == true
        answers[index].text += text
        if isLast {
            answers[index].reason = Self.reason(value["reason"]?.string)
            answers[index].tokens = value["tokens"]?.int ?? 0
        }
        return GenerationPiece(model: model, prompt: prompt, text: text, isLast: isLast)
    }

    /// An answer counts as cancelled until its end is told.
    private mutating func place(model: String, prompt: Int) -> Int {
        if let index = answers.firstIndex(where: { $0.model == model && $0.prompt == prompt }) { return index }
        answers.append(Generation(model: model, prompt: prompt, text: "", reason: .cancelled, tokens: 0))
        return answers.count - 1
    }

    private static func reason(_ word: String?) -> Generation.Reason {
        switch word {
        case "stop": .stop
        case "length": .length
        case let word: .other(word ?? "")
        }
    }
}
