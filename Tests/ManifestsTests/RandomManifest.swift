//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport

/// YAML as no person would write it: every style beside every other, with comments wherever one may stand.
struct RandomManifest {
    private var random: SeededGenerator
    private(set) var comments: [String] = []
    private var anchors = 0
    private var names: [String] = []

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    private mutating func one(in bound: Int) -> Bool { Int.random(in: 0..<bound, using: &random) == 0 }
    private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    /// The text of some documents.
    mutating func text() -> String {
        var text = loose(0)
        let count = number(1...3)
        for index in 0..<count {
            if index > 0 || one(in: 3) { text += "---" + trailing() + "\n" }
            names = []
            text += one(in: 6) ? block(["a", "b"], 0) : mapping(indentation: 0, depth: 0)
            text += loose(0)
            if one(in: 6), index + 1 < count { text += "...\n" }
        }
        if one(in: 4) { text += one(in: 2) ? "\n\n\n" : "" }
        if one(in: 5), text.hasSuffix("\n"), !text.hasSuffix("+\n") { text.removeLast() }
        return one(in: 4) ? text.replacingOccurrences(of: "\n", with: "\r\n") : text
    }

    private mutating func comment() -> String {
        let text = "#\(one(in: 2) ? " " : "")c\(comments.count)\(one(in: 3) ? " # 'x: [ü" : "")"
        comments.append(text)
        return text
    }

    private mutating func trailing() -> String {
        one(in: 3) ? String(repeating: " ", count: number(1...9)) + comment() + (one(in: 3) ? "  " : "") : ""
    }

    /// Lines between others: empty ones and comments.
    private mutating func loose(_ indentation: Int) -> String {
        var text = ""
        while one(in: 4) {
            let space = String(repeating: " ", count: one(in: 3) ? number(0...9) : indentation)
            text += one(in: 2) ? "\n" : space + comment() + "\n"
        }
        return text
    }

    private mutating func mapping(indentation: Int, depth: Int) -> String {
        var text = ""
        let indent = String(repeating: " ", count: indentation)
        for index in 0..<number(1...4) {
            text += loose(indentation) + indent + pair(key: key(index), indentation: indentation, depth: depth)
        }
        return text
    }

    private mutating func key(_ index: Int) -> String {
        switch number(0...5) {
        case 0: "'k\(index)'"
        case 1: "\"k\(index)\""
        case 2: "'k: \(index)'"
        default: "k\(index)"
        }
    }

    private mutating func pair(key: String, indentation: Int, depth: Int) -> String {
        let colon = one(in: 8) ? " :" : ":"
        if depth < 4, one(in: 3) {
            let properties = one(in: 5) ? " " + anchor() : one(in: 8) ? " !!map" : ""
            let inner = indentation + number(1...4)
            return key + colon + properties + trailing() + "\n" + mapping(indentation: inner, depth: depth + 1)
        }
        if depth < 4, one(in: 3) {
            let inner = indentation + (one(in: 3) ? 0 : number(1...4))
            return key + colon + trailing() + "\n" + sequence(indentation: inner, depth: depth + 1)
        }
        return key + colon + value(indentation: indentation)
    }

    private mutating func sequence(indentation: Int, depth: Int) -> String {
        var text = ""
        let indent = String(repeating: " ", count: indentation)
        for _ in 0..<number(1...3) {
            text += loose(indentation) + indent + "-"
            if depth < 4, one(in: 3) {
                let spaces = number(1...3)
                let inner = indentation + 1 + spaces
                text += String(repeating: " ", count: spaces) + pair(key: "k", indentation: inner, depth: depth + 1)
                if one(in: 2) {
                    text += loose(inner) + String(repeating: " ", count: inner)
                    text += pair(key: "l", indentation: inner, depth: depth + 1)
                }
            } else if depth < 4, one(in: 4) {
                text += trailing() + "\n" + mapping(indentation: indentation + number(1...3), depth: depth + 1)
            } else {
                text += value(indentation: indentation)
            }
        }
        return text
    }

    private mutating func anchor() -> String {
        anchors += 1
        return "&a\(anchors)"
    }

    /// A value and the rest of its line, and lines of its own.
    private mutating func value(indentation: Int) -> String {
        switch number(0...11) {
        case 0: return trailing() + "\n"
        case 1: return " " + flow(2) + trailing() + "\n"
        case 2: return " " + wideFlow(indentation) + trailing() + "\n"
        case 3, 4:
            let lines = [["a # b", "  c", "", "\td"], ["", "x", "", ""], ["  y", "z  "], ["one"], []]
            return " " + block(lines[number(0...4)], indentation)
        case 5:
            return " \"two words\\\n" + String(repeating: " ", count: indentation + 3) + "\\  and\n\n  # more\""
                + trailing() + "\n"
        case 6:
            return " plain words\n" + String(repeating: " ", count: indentation + number(1...3)) + "go on"
                + trailing() + "\n"
        case 7:
            if !names.isEmpty, one(in: 2) { return " *" + random.pick(names) + trailing() + "\n" }
            let name = anchor()
            names.append(String(name.dropFirst()))
            return " \(name) x" + trailing() + "\n"
        case 8: return " !!str 12" + trailing() + "\n"
        default: return " " + scalar() + trailing() + "\n"
        }
    }

    private mutating func scalar() -> String {
        let texts = [
            "plain", "'it''s'", "\"say \\\"x\\\"\"", "'a \"b\"'", "1e-4", "'1e-4'", "\"yes\"", "null", "~", "a#b",
            "'# no'",
            "\"\\n\"", "\"tab\\there\"", "'a, b'", "\"[x]\"", "ünï", "\"\\u00e9\"", "'- x'", "\"a: b\"", "x:y", "''",
            "\"\\\\\"", "!!str yes", "2026-01-01", "'2026'", "\"\\u200b\"",
        ]
        return texts[number(0...texts.count - 1)]
    }

    private mutating func flow(_ depth: Int) -> String {
        let count = number(0...3)
        let isMapping = one(in: 2)
        let inner = (0..<count).map { index in
            let value = depth > 0 && one(in: 4) ? flow(depth - 1) : flowScalar()
            return isMapping ? "f\(index): \(value)" : value
        }
        let space = one(in: 2) ? " " : ""
        let list = inner.joined(separator: one(in: 2) ? ", " : " ,")
        return isMapping ? "{\(space)\(list)\(space)}" : "[\(space)\(list)\(space)]"
    }

    private mutating func flowScalar() -> String {
        let texts = ["plain", "'a, b'", "\"[\"", "1", "'1'", "\"x\"", "'it''s'", "null"]
        return texts[number(0...texts.count - 1)]
    }

    /// Brackets over several lines, with comments in them.
    private mutating func wideFlow(_ indentation: Int) -> String {
        let indent = String(repeating: " ", count: indentation + number(1...4))
        let isMapping = one(in: 2)
        var text = (isMapping ? "{" : "[") + trailing() + "\n"
        for index in 0..<number(0...3) {
            text +=
                loose(indentation + 2) + indent + (isMapping ? "g\(index): " : "") + flow(1) + "," + trailing() + "\n"
        }
        return text + indent + (isMapping ? "}" : "]")
    }

    /// A text in a block, its header and its lines.
    private mutating func block(_ lines: [String], _ indentation: Int) -> String {
        let isRoot = indentation == 0 && lines == ["a", "b"]
        let width = number(1...4)
        let first = lines.first { !$0.isEmpty }
        let needsIndicator = first.map { $0.hasPrefix(" ") || $0.hasPrefix("\t") } ?? false
        let indicator = needsIndicator || one(in: 4) ? String(width) : ""
        let chomping = ["", "-", "+"][number(0...2)]
        let inner = String(repeating: " ", count: (isRoot ? 0 : indentation) + width)
        let body = lines.map { $0.isEmpty ? "\n" : inner + $0 + "\n" }.joined()
        return (one(in: 2) ? "|" : ">") + indicator + chomping + trailing() + "\n" + body
    }
}
