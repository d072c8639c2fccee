//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import YAML

/// How a scalar is written anew: quotes only where needed, and texts of several lines at another indentation.
struct ScalarLayout {
    let text: [Unicode.Scalar]

    /// Where a scalar stands.
    enum Place {
        case key
        case block
        case flow
    }

    /// A scalar's lines: the first goes behind what stands before it, the others have their indentation.
    func lines(of node: YAMLSyntaxNode, _ value: String, at place: Place, indentation: Int) -> [String] {
        let start = SyntaxText.contentStart(of: node, in: text)
        let raw = Array(text[start..<node.end])
        guard let first = raw.first else { return [""] }
        if place == .block, first == "|" || first == ">" { return block(raw, value, indentation) }
        if raw.contains(where: SyntaxText.isBreak) { return continued(raw, indentation, isQuoted: first == "\"") }
        // Signs that are texts in brackets only.
        if place == .block, raw.count == 1, "-?:".unicodeScalars.contains(first) { return ["\"\(first)\""] }
        let isQuoted = first == "\"" || first == "'"
        guard isQuoted, !node.hasProperties else { return [string(raw)] }
        return [quoted(raw, value, at: place)]
    }

    private func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        String(String.UnicodeScalarView(scalars))
    }

    /// A text in quotes, on one line: without them where every reader takes it for the same text, else in double ones
    /// as long as nothing has to be escaped for their sake.
    private func quoted(_ raw: [Unicode.Scalar], _ value: String, at place: Place) -> String {
        if ScalarWriting.isPlain(value), place != .flow || Self.isFlowSafe(value) { return value }
        if raw.first == "\"", Self.hasTellingEscape(raw) { return string(raw) }
        guard value.unicodeScalars.contains(where: { $0 == "\"" || $0 == "\\" }) else { return "\"\(value)\"" }
        if raw.first == "'" { return string(raw) }
        return value.contains("'") ? string(raw) : "'\(value)'"
    }

    /// Whether a plain text is read as one in brackets, too: libyaml takes `:?` there for the beginning of two things.
    private static func isFlowSafe(_ value: String) -> Bool {
        !value.contains(":?") && !value.unicodeScalars.contains { ",[]{}".unicodeScalars.contains($0) }
    }

    /// Whether an escape stands for something that would not be seen, or not be written by most.
    private static func hasTellingEscape(_ raw: [Unicode.Scalar]) -> Bool {
        var isEscape = false
        for scalar in raw.dropFirst().dropLast() {
            if isEscape, scalar != "\"", scalar != "\\" { return true }
            isEscape = scalar == "\\" && !isEscape
        }
        return false
    }

    private func rawLines(_ raw: [Unicode.Scalar]) -> [ArraySlice<Unicode.Scalar>] {
        var lines: [ArraySlice<Unicode.Scalar>] = []
        var start = 0
        for index in raw.indices where SyntaxText.isBreak(raw[index]) {
            let isSecondHalf = raw[index] == "\n" && index > 0 && raw[index - 1] == "\r"
            if !isSecondHalf { lines.append(raw[start..<index]) }
            start = index + 1
        }
        return lines + [raw[start...]]
    }

    private func continued(_ raw: [Unicode.Scalar], _ indentation: Int, isQuoted: Bool) -> [String] {
        rawLines(raw).enumerated().map { number, line in
            var piece = number == 0 ? line : line.drop { $0 == " " || $0 == "\t" }
            let full = piece
            while let last = piece.last, last == " " || last == "\t" { piece.removeLast() }
            // A space behind a backslash is one that is meant.
            if isQuoted, piece.last == "\\" { piece = full }
            if number == 0 || piece.isEmpty { return string(piece) }
            return String(repeating: " ", count: indentation) + string(piece)
        }
    }

    private func block(_ raw: [Unicode.Scalar], _ value: String, _ indentation: Int) -> [String] {
        var lines = rawLines(raw)
        let header = lines.removeFirst().prefix { !SyntaxText.isSpace($0) && $0 != "#" }
        let keeps = header.contains("+")
        let old = Self.indentation(of: lines, value)
        if keeps {
            if lines.last?.isEmpty ?? false { lines.removeLast() }
        } else {
            while let last = lines.last, last.count <= old, last.allSatisfy({ $0 == " " }) { lines.removeLast() }
        }
        let first = value.unicodeScalars.first { $0 != "\n" }
        let needsIndicator = first == " " || first == "\t"
        let signs = header.filter { $0 == "|" || $0 == ">" }
        // A text that the end of the file cuts off has no line feed at its end, and the file gets one.
        let isCut = !lines.isEmpty && value.unicodeScalars.last != "\n"
        let chomping = isCut ? ["-"] : header.filter { $0 == "+" || $0 == "-" }
        let indicator = needsIndicator ? "2" : ""
        return [string(signs) + indicator + string(chomping)]
            + lines.map { line in
                let content = string(line.dropFirst(min(old, line.count)))
                return content.isEmpty ? "" : String(repeating: " ", count: indentation) + content
            }
    }

    /// The old indentation: the spaces before the first line that says something, less those that it says. As many
    /// lines stand before it as the text has line feeds at its beginning.
    private static func indentation(of lines: [ArraySlice<Unicode.Scalar>], _ value: String) -> Int {
        let said = value.unicodeScalars.drop { $0 == "\n" }
        let number = value.unicodeScalars.count - said.count
        guard !said.isEmpty, lines.indices.contains(number) else { return lines.map(\.count).max() ?? 0 }
        return max(lines[number].prefix { $0 == " " }.count - said.prefix { $0 == " " }.count, 0)
    }
}
