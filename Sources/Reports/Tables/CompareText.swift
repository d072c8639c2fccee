//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// Answers of base and version beside each other.
package struct CompareText {
    private let style: TerminalStyle
    private let width: Int
    private let titles: (base: String, version: String)

    /// The answers to each prompt as text that ends with a line feed.
    package static func render(
        _ answers: [VersionRecord.Answer],
        base: String,
        version: String,
        color: Bool = false,
        width: Int = 80
    ) -> String {
        let style = TerminalStyle(isColored: color)
        let text = CompareText(style: style, width: max(40, width), titles: (base, version))
        let blocks = answers.enumerated().map { text.block($0.offset + 1, of: answers.count, $0.element) }
        return blocks.joined(separator: [""]).map { $0 + "\n" }.joined()
    }

    private func block(_ number: Int, of count: Int, _ answer: VersionRecord.Answer) -> [String] {
        var lines = [style.text("Prompt \(number) of \(count)", .bold)]
        lines += quoted(answer.prompt).map { style.text($0, .dim) }
        if let reference = answer.reference {
            lines += [style.text("Expected", .bold)] + quoted(reference.trimmed)
        }
        return lines + columns(answer)
    }

    private func quoted(_ text: String) -> [String] {
        var wrapped = TerminalText.lines(text).flatMap { TextWrap.column($0, width: width - 4) }
        while wrapped.count > 1, wrapped.last == "" { wrapped.removeLast() }
        return wrapped.map { $0.isEmpty ? "  |" : "  | " + $0 }
    }

    private func columns(_ answer: VersionRecord.Answer) -> [String] {
        let column = (width - 3) / 2
        let mark = answer.isRight ? " (as expected)" : ""
        let head = [titles.base, titles.version + mark].map {
            DisplayWidth.truncated(TerminalText.line($0), to: column)
        }
        let left = cells(answer.base, column)
        let right = cells(answer.version, column)
        let rows = (0..<max(left.count, right.count)).map { row in
            joined(row < left.count ? left[row] : "", row < right.count ? right[row] : "", column)
        }
        let rule = String(repeating: "-", count: column) + "-+-" + String(repeating: "-", count: column)
        return [style.text(joined(head[0], head[1], column), .bold), rule] + rows
    }

    private func cells(_ text: String, _ column: Int) -> [String] {
        let text = text.trimmed
        return text.isEmpty ? ["(nothing)"] : TerminalText.lines(text).flatMap { TextWrap.column($0, width: column) }
    }

    private func joined(_ left: String, _ right: String, _ column: Int) -> String {
        (DisplayWidth.padded(left, to: column) + " | " + right).withoutSpacesAtEnd
    }
}

extension VersionRecord.Answer {
    /// Whether the version answered as expected, but for white space around it.
    var isRight: Bool { reference.map { $0.trimmed == version.trimmed } ?? false }
}
