//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import Synchronization
import YAML

/// A manifest's text by lines, for the source line of a diagnostic.
struct SourceText: Sendable {
    /// The scalars of a line that a diagnostic shows at most, and those of them before its place.
    private static let (shown, shownBefore) = (200, 60)
    /// How many scalars lie between two marks of a long line.
    private static let markDistance = 4096

    private struct Line {
        var bytes: Range<Int>
        /// Where every so many scalars begin, so that a place far in a long line is found without counting up to it.
        var marks: [Int] = []
    }

    /// The file's path.
    let path: String
    private let bytes: [UInt8]
    private let index: LineIndex

    init(_ file: ManifestFile) {
        path = file.path
        bytes = file.bytes
        index = LineIndex()
    }

    private var lines: [Line] { index.lines(of: bytes) }

    /// The lines, which are looked for where the first thing is said of the text: of most there is nothing to say.
    private final class LineIndex: Sendable {
        private let known = Mutex<[Line]?>(nil)

        func lines(of bytes: [UInt8]) -> [Line] {
            known.withLock { known in
                let lines = known ?? SourceText.lines(of: bytes)
                known = lines
                return lines
            }
        }
    }

    private static func lines(of bytes: [UInt8]) -> [Line] {
        var lines: [Line] = []
        var (line, scalars) = (Line(bytes: 0..<0), 0)
        for (index, byte) in bytes.enumerated() {
            if byte == 0x0A || byte == 0x0D {
                let isSecondHalf = byte == 0x0A && index > 0 && bytes[index - 1] == 0x0D
                line.bytes = line.bytes.lowerBound..<index
                if !isSecondHalf { lines.append(line) }
                // Of what is behind the reader's limit nothing is said.
                if lines.count == YAMLBounds.standard.lines { return lines }
                (line, scalars) = (Line(bytes: (index + 1)..<(index + 1)), 0)
            } else if byte & 0xC0 != 0x80 {
                if scalars % markDistance == 0 { line.marks.append(index) }
                scalars += 1
            }
        }
        line.bytes = line.bytes.lowerBound..<bytes.count
        return lines + [line]
    }

    /// Where a node stands.
    func place(_ node: YAMLNode) -> Place { place(range(node)) }

    /// Where a range stands, with its line: bounded, each character that cannot be shown replaced by one that can.
    func place(_ range: SourceRange) -> Place {
        let first = offset(of: range.start)
        var place = Place(range: range, bytes: first..<max(first, offset(of: range.end)))
        guard lines.indices.contains(range.start.line - 1) else { return place }
        let isFar = range.start.column > Self.shown - Self.shownBefore
        place.sourceColumn = isFar ? range.start.column - Self.shownBefore : 1
        let start = offset(of: SourcePosition(line: range.start.line, column: place.sourceColumn))
        // Four bytes are the most that a scalar takes; the rest of a very long line need not be decoded.
        let piece = bytes[start..<lines[range.start.line - 1].bytes.upperBound].prefix(4 * (Self.shown + 1))
        place.sourceLine = visible(String(decoding: piece, as: UTF8.self), limit: Self.shown, isCutBefore: isFar)
        return place
    }

    /// The range of a node.
    func range(_ node: YAMLNode) -> SourceRange {
        SourceRange(
            file: path,
            start: SourcePosition(line: node.start.line, column: node.start.column),
            end: SourcePosition(line: node.end.line, column: node.end.column)
        )
    }

    /// The byte at a position, or the end of its line where the line is shorter.
    private func offset(of position: SourcePosition) -> Int {
        guard lines.indices.contains(position.line - 1) else { return bytes.count }
        let line = lines[position.line - 1]
        let column = max(position.column - 1, 0)
        guard column / Self.markDistance < line.marks.count else { return line.bytes.upperBound }
        var index = line.marks[column / Self.markDistance]
        for _ in 0..<(column % Self.markDistance) where index < line.bytes.upperBound {
            repeat { index += 1 } while index < line.bytes.upperBound && bytes[index] & 0xC0 == 0x80
        }
        return index
    }
}

extension SourceText {
    /// Where a scalar of a node's text stands; nothing where the text was folded, or has escapes before the scalar.
    func position(ofScalar offset: Int, of text: String, at range: SourceRange) -> SourcePosition? {
        let isLiteral = scalar(at: YAMLPosition(line: range.start.line, column: range.start.column)) == "|"
        return isLiteral ? positionInLiteral(offset, text, range) : positionInLine(offset, text, range)
    }

    private func positionInLiteral(_ offset: Int, _ text: String, _ range: SourceRange) -> SourcePosition? {
        let before = text.unicodeScalars.prefix(offset)
        let breaks = before.count { $0 == "\n" }
        let line = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)[breaks]
        let number = range.start.line + 1 + breaks
        let written = scalars(ofLine: number)
        guard written.suffix(line.count).elementsEqual(line) else { return nil }
        let column = before.reversed().prefix { $0 != "\n" }.count
        return SourcePosition(line: number, column: written.count - line.count + column + 1)
    }

    private func positionInLine(_ offset: Int, _ text: String, _ range: SourceRange) -> SourcePosition? {
        let written = scalars(ofLine: range.start.line).dropFirst(range.start.column - 1)
        let quote = written.first == "\"" || written.first == "'" ? 1 : 0
        guard written.dropFirst(quote).starts(with: text.unicodeScalars.prefix(offset + 1)) else { return nil }
        return SourcePosition(line: range.start.line, column: range.start.column + quote + offset)
    }

    private func scalars(ofLine number: Int) -> [Unicode.Scalar] {
        guard lines.indices.contains(number - 1) else { return [] }
        return Array(String(decoding: bytes[lines[number - 1].bytes], as: UTF8.self).unicodeScalars)
    }

    /// What most often causes a syntax error of this kind; the parser's own words are about tokens.
    func hints(_ error: YAMLError) -> [String] {
        let found = scalar(at: error.position)
        if found == "\t" { return ["indent with spaces, not with tabs"] }
        if error.message.hasPrefix("mapping values are not allowed") {
            return ["a text with a colon and a space in it needs quotes"]
        }
        let isAlias = error.message.hasPrefix("the alias")
        guard let found, isAlias || "!@`%&".unicodeScalars.contains(found) else { return [] }
        return ["a text that begins with `\(found)` needs quotes"]
    }

    private func scalar(at position: YAMLPosition) -> Unicode.Scalar? {
        let start = offset(of: SourcePosition(line: position.line, column: position.column))
        return String(decoding: bytes[start...].prefix(4), as: UTF8.self).unicodeScalars.first
    }
}

/// A range with the text of its first line, or the piece of it that begins at a column.
struct Place: Hashable, Sendable {
    var range: SourceRange
    var bytes: Range<Int>
    var sourceLine = ""
    var sourceColumn = 1
    var context: String?

    /// The place, with stars for what of its line must not be shown.
    func hiding(_ secrets: [SourceRange]) -> Place {
        var copy = self
        copy.sourceLine = Self.masked(sourceLine, line: range.start.line, column: sourceColumn, hiding: secrets)
        return copy
    }

    /// The piece of a line that begins at a column, with stars for secrets.
    static func masked(_ text: String, line: Int, column first: Int, hiding secrets: [SourceRange]) -> String {
        let hiding = secrets.filter { ($0.start.line...$0.end.line).contains(line) }
        guard !hiding.isEmpty else { return text }
        var scalars = Array(text.unicodeScalars)
        for range in hiding {
            let start = range.start.line < line ? 0 : range.start.column - first
            let end = range.end.line > line ? scalars.count : range.end.column - first
            for index in max(start, 0)..<max(start, 0, min(end, scalars.count)) { scalars[index] = "*" }
        }
        return String(String.UnicodeScalarView(scalars))
    }

    /// A finding here.
    func diagnostic(_ id: Diagnostic.ID, _ message: String, notes: [String] = []) -> Diagnostic {
        var diagnostic = Diagnostic(id, message, range: range, sourceLine: sourceLine, notes: notes)
        diagnostic.bytes = bytes
        diagnostic.sourceColumn = sourceColumn
        diagnostic.context = context
        return diagnostic
    }
}

extension SourceRange {
    /// File, line and column of its start, as diagnostics print them.
    var beginning: String { "\(file):\(start.line):\(start.column)" }
}

/// A piece of the user's text for a message: one line, bounded, nothing in it that moves a terminal's cursor.
func excerpt(_ text: String) -> String { visible(text, limit: 60) }

/// The text with each invisible scalar replaced by one visible one, so that columns stay true.
private func visible(_ text: String, limit: Int, isCutBefore: Bool = false) -> String {
    let isCutBehind = text.unicodeScalars.dropFirst(limit).first != nil
    var out = String.UnicodeScalarView(text.unicodeScalars.prefix(isCutBehind ? limit - 1 : limit).map(visible))
    if isCutBefore, !out.isEmpty { out.replaceSubrange(out.startIndex...out.startIndex, with: ["…"]) }
    if isCutBehind { out.append("…") }
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
