//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// What a model that trains answers to a prompt, in few lines for whoever looks on.
package enum SampleText {
    /// The end of the prompt and the beginning of the answer, a line each, at most so wide.
    package static func lines(prompt: String, answer: String, width: Int = 80) -> [String] {
        let parts = parts(prompt, answer, room: max(8, width - 4))
        return ["  > " + parts.prompt, "    " + parts.answer]
    }

    /// The same in one line, for a log.
    package static func plain(prompt: String, answer: String) -> String {
        let parts = parts(prompt, answer, room: 160)
        return "\(parts.prompt) -> \(parts.answer)"
    }

    private static func parts(_ prompt: String, _ answer: String, room: Int) -> (prompt: String, answer: String) {
        let answer = TerminalText.line(answer.trimmed)
        let shown = answer.isEmpty ? "(nothing)" : DisplayWidth.truncated(answer, to: room)
        return (end(of: TerminalText.line(prompt.trimmed), room), shown)
    }

    /// The last of a prompt is what is answered: its beginning is often that of all others.
    private static func end(of text: String, _ room: Int) -> String {
        guard DisplayWidth.of(text) > room else { return text }
        var (shown, used) = ("", 1)
        for character in text.reversed() {
            used += DisplayWidth.of(character)
            if used > room { break }
            shown.append(character)
        }
        return "\u{2026}" + String(shown.reversed())
    }
}
