//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import YAML

/// A manifest's text by lines, for the source line of a diagnostic.
struct SourceText: Sendable {
    /// The file's path.
    let path: String
    private let bytes: [UInt8]
    private let lines: [Range<Int>]

    init(_ file: ManifestFile) {
        path = file.path
        bytes = file.bytes
        var lines: [Range<Int>] = []
        var start = 0
        for (index, byte) in bytes.enumerated() where byte == 0x0A || byte == 0x0D {
            if byte == 0x0A, index > 0, bytes[index - 1] == 0x0D {
                start = index + 1
            } else {
                lines.append(start..<index)
                start = index + 1
            }
        }
        self.lines = lines + [start..<bytes.count]
    }

    /// The text of a line, counted from 1: bounded, each character that cannot be shown replaced by one that can.
    func line(_ number: Int) -> String {
        guard lines.indices.contains(number - 1) else { return "" }
        // Four bytes are the most that a scalar takes; the rest of a very long line need not be decoded.
        let text = String(decoding: bytes[lines[number - 1]].prefix(4 * 201), as: UTF8.self)
        return visible(text, limit: 200)
    }

    /// Where a node stands.
    func place(_ node: YAMLNode) -> Place {
        Place(range: range(node), sourceLine: line(node.start.line))
    }

    /// The range of a node.
    func range(_ node: YAMLNode) -> SourceRange {
        SourceRange(
            file: path,
            start: SourcePosition(line: node.start.line, column: node.start.column),
            end: SourcePosition(line: node.end.line, column: node.end.column)
        )
    }
}

extension SourceText {
    /// What most often causes a syntax error of this kind; the parser's own words are about tokens.
    func hints(_ error: YAMLError) -> [String] {
        let found = scalar(at: error.position)
        if found == "\t" { return ["indent with spaces, not with tabs"] }
        if error.message.hasPrefix("mapping values are not allowed") {
            return ["a text with a colon and a space in it needs quotes"]
        }
        guard let found, "*!@`%&".unicodeScalars.contains(found) else { return [] }
        return ["a text that begins with `\(found)` needs quotes"]
    }

    private func scalar(at position: YAMLPosition) -> Unicode.Scalar? {
        guard lines.indices.contains(position.line - 1) else { return nil }
        let text = String(decoding: bytes[lines[position.line - 1]], as: UTF8.self)
        return text.unicodeScalars.dropFirst(position.column - 1).first
    }
}

/// A range with the text of its first line.
struct Place: Hashable, Sendable {
    var range: SourceRange
    var sourceLine: String

    /// A finding here.
    func diagnostic(_ id: Diagnostic.ID, _ message: String, notes: [String] = []) -> Diagnostic {
        Diagnostic(id, message, range: range, sourceLine: sourceLine, notes: notes)
    }

    /// File, line and column, as diagnostics print them.
    var text: String { "\(range.file):\(range.start.line):\(range.start.column)" }
}

/// A piece of the user's text for a message: one line, bounded, nothing in it that moves a terminal's cursor.
func excerpt(_ text: String) -> String { visible(text, limit: 60) }

/// The text with each invisible scalar replaced by one visible one, so that columns stay true.
private func visible(_ text: String, limit: Int) -> String {
    var out = String.UnicodeScalarView()
    for (index, scalar) in text.unicodeScalars.enumerated() {
        if index == limit - 1, text.unicodeScalars.count > limit {
            out.append("…")
            break
        }
        out.append(visible(scalar))
    }
    return String(out)
}

private func visible(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.value {
    case 0x09: " "
    case 0..<0x20: Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}"
    case 0x7F: "\u{2421}"
    case 0x80..<0xA0, 0x061C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB: "\u{FFFD}"
    default: scalar
    }
}
