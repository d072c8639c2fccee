//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import YAML

/// Lines and spaces of a text in scalars.
enum SyntaxText {
    static func isBreak(_ scalar: Unicode.Scalar) -> Bool { scalar == "\n" || scalar == "\r" }

    static func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" || isBreak(scalar) }

    static func lineEnd(from index: Int, in text: [Unicode.Scalar]) -> Int {
        text[index...].firstIndex(where: isBreak) ?? text.count
    }

    static func lineStart(of index: Int, in text: [Unicode.Scalar]) -> Int {
        var start = index
        while start > 0, !isBreak(text[start - 1]) { start -= 1 }
        return start
    }

    /// Whether the line above the one of a place has nothing but spaces.
    static func isBlankAbove(_ index: Int, in text: [Unicode.Scalar]) -> Bool {
        var above = lineStart(of: index, in: text)
        guard above > 0 else { return false }
        above -= text[above - 1] == "\n" && above > 1 && text[above - 2] == "\r" ? 2 : 1
        let start = lineStart(of: above, in: text)
        return text[start..<above].allSatisfy { $0 == " " || $0 == "\t" }
    }

    /// Whether a scalar may be part of an anchor's name, as libyaml reads it.
    private static func isAnchor(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "-": true
        default: false
        }
    }

    /// Where a node begins behind its anchor and tag.
    static func contentStart(of node: YAMLSyntaxNode, in text: [Unicode.Scalar]) -> Int {
        guard node.hasProperties else { return node.start }
        // Those of a first key look like those of its mapping.
        let end = node.firstChild?.start ?? node.end
        var index = node.start
        while index < end {
            if text[index] == "&" {
                index += 1
                while index < end, isAnchor(text[index]) { index += 1 }
            } else if text[index] == "!" {
                let isFlowEnd: (Unicode.Scalar) -> Bool = { $0 == "," || $0 == "]" || $0 == "}" }
                while index < end, !isSpace(text[index]), !isFlowEnd(text[index]) { index += 1 }
            } else if isSpace(text[index]) {
                index += 1
            } else if text[index] == "#" {
                index = lineEnd(from: index, in: text)
            } else {
                break
            }
        }
        return min(index, end)
    }

    /// The anchor and the tag of a node, with a space between them.
    static func properties(of node: YAMLSyntaxNode, in text: [Unicode.Scalar]) -> String {
        guard node.hasProperties else { return "" }
        var words: [String] = []
        var index = node.start
        let end = contentStart(of: node, in: text)
        while index < end {
            if text[index] == "#" {
                index = lineEnd(from: index, in: text)
            } else if isSpace(text[index]) {
                index += 1
            } else {
                let word = text[index..<end].prefix { !isSpace($0) }
                words.append(String(String.UnicodeScalarView(word)))
                index += word.count
            }
        }
        return words.joined(separator: " ")
    }

    /// The lines of directives before a document.
    static func directives(in marker: ArraySlice<Unicode.Scalar>) -> [String] {
        marker.split(whereSeparator: isBreak).filter { $0.first == "%" }.map { line in
            var end = line.indices.first { line[$0] == "#" && isSpace(line[$0 - 1]) } ?? line.endIndex
            while isSpace(line[end - 1]) { end -= 1 }
            return String(String.UnicodeScalarView(line[..<end]))
        }
    }

    /// Whether a line at the beginning of which a text stands would be taken for the marker of a document.
    static func isMarker(_ line: String) -> Bool {
        // Scalars: a character that combines with the space would hide it.
        let scalars = line.unicodeScalars
        let isSign = ["---", "..."].contains { scalars.starts(with: $0.unicodeScalars) }
        return isSign && (scalars.dropFirst(3).first.map(isSpace) ?? true)
    }
}

extension YAMLSyntaxNode {
    fileprivate var firstChild: YAMLSyntaxNode? {
        switch content {
        case .scalar, .alias: nil
        case .sequence(let elements): elements.first
        case .mapping(let pairs): pairs.first?.key
        }
    }
}
