//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import YAML

/// A comment of a manifest.
struct Comment: Hashable, Sendable {
    /// Its text, from the `#` on, without spaces at its end.
    let text: String
    /// Where it begins, in scalars.
    let start: Int
    /// Just behind its end.
    let end: Int
    /// Its column, from 0.
    let column: Int
    /// Whether nothing but spaces stands before it in its line.
    let isAlone: Bool
    /// Whether the line above is empty.
    let followsBlank: Bool
}

/// Finds the comments of a text: what begins with `#` behind a space, outside of scalars.
struct CommentScanner {
    private let text: [Unicode.Scalar]
    private(set) var comments: [Comment] = []

    init(_ text: [Unicode.Scalar], documents: [YAMLSyntaxDocument]) {
        self.text = text
        var cursor = 0
        for document in documents {
            if let root = document.root { visit(root, &cursor) }
        }
        scan(cursor..<text.count)
    }

    private mutating func visit(_ node: YAMLSyntaxNode, _ cursor: inout Int) {
        switch node.content {
        case .alias: skip(node.start, node.end, &cursor)
        case .sequence(let elements): for element in elements { visit(element, &cursor) }
        case .mapping(let pairs):
            for pair in pairs {
                visit(pair.key, &cursor)
                visit(pair.value, &cursor)
            }
        case .scalar:
            let start = SyntaxText.contentStart(of: node, in: text)
            let isBlock = start < node.end && (text[start] == "|" || text[start] == ">")
            if isBlock {
                // The header's line may end in a comment.
                let header = SyntaxText.lineEnd(from: start, in: text)
                skip(start, start + 1, &cursor)
                scan(cursor..<header)
                cursor = max(cursor, node.end)
            } else {
                skip(start, node.end, &cursor)
            }
        }
    }

    private mutating func skip(_ start: Int, _ end: Int, _ cursor: inout Int) {
        if cursor < start { scan(cursor..<start) }
        cursor = max(cursor, end)
    }

    private mutating func scan(_ range: Range<Int>) {
        var index = range.lowerBound
        while index < range.upperBound {
            let isComment = text[index] == "#" && (index == 0 || SyntaxText.isSpace(text[index - 1]))
            guard isComment else {
                index += 1
                continue
            }
            var end = SyntaxText.lineEnd(from: index, in: text)
            comments.append(comment(index..<end))
            index = end
            end = index
        }
    }

    private func comment(_ range: Range<Int>) -> Comment {
        let line = SyntaxText.lineStart(of: range.lowerBound, in: text)
        var end = range.upperBound
        while end > range.lowerBound, text[end - 1] == " " || text[end - 1] == "\t" { end -= 1 }
        return Comment(
            text: String(String.UnicodeScalarView(text[range.lowerBound..<end])),
            start: range.lowerBound,
            end: range.upperBound,
            column: range.lowerBound - line,
            isAlone: text[line..<range.lowerBound].allSatisfy { $0 == " " || $0 == "\t" },
            followsBlank: SyntaxText.isBlankAbove(range.lowerBound, in: text)
        )
    }
}
