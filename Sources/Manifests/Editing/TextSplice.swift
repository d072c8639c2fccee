//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import YAML

/// Cuts pieces out of a manifest's text and puts others in, by the places of its nodes.
struct TextSplice {
    private(set) var bytes: [UInt8]
    private let map: LineMap

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        map = LineMap(bytes)
    }

    /// Puts a text in the place of a node; one that is not written at all stands behind its key's colon.
    mutating func replace(_ node: YAMLNode, with text: String) {
        let range = map.offset(node.start, in: bytes)..<map.offset(node.end, in: bytes)
        let needsSpace = range.isEmpty && range.lowerBound > 0 && bytes[range.lowerBound - 1] == UInt8(ascii: ":")
        bytes.replaceSubrange(range, with: Array(((needsSpace ? " " : "") + text).utf8))
    }

    /// Puts a pair behind another of the same mapping: on a line of its own, or behind a comma in braces.
    mutating func add(_ pair: String, behind sibling: YAMLNode.Pair, in mapping: YAMLNode) {
        let end = map.offset(sibling.value.end, in: bytes)
        if isInBraces(mapping) {
            bytes.insert(contentsOf: Array(", \(pair)".utf8), at: end)
            return
        }
        let lineEnd = bytes[end...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? bytes.count
        let indentation = String(repeating: " ", count: sibling.key.start.column - 1)
        bytes.insert(contentsOf: Array((map.lineBreak + indentation + pair).utf8), at: lineEnd)
    }

    /// A collection's place begins with its anchor and its tag.
    private func isInBraces(_ mapping: YAMLNode) -> Bool {
        var rest = bytes[map.offset(mapping.start, in: bytes)...]
        while let first = rest.first, [UInt8(ascii: "&"), UInt8(ascii: "!")].contains(first) {
            rest = rest.drop { $0 > 0x20 }.drop { $0 <= 0x20 }
        }
        return rest.first == UInt8(ascii: "{")
    }
}

/// Where the lines of a text begin.
private struct LineMap {
    private var starts = [0]
    /// How the text ends its lines.
    private(set) var lineBreak = "\n"

    init(_ bytes: [UInt8]) {
        for (index, byte) in bytes.enumerated() where byte == 0x0A || byte == 0x0D {
            let isPair = byte == 0x0A && index > 0 && bytes[index - 1] == 0x0D
            if isPair { starts[starts.count - 1] = index + 1 } else { starts.append(index + 1) }
            if starts.count == 2 { lineBreak = isPair ? "\r\n" : byte == 0x0A ? "\n" : "\r" }
        }
    }

    /// The offset in bytes of a place that counts scalars.
    func offset(_ position: YAMLPosition, in bytes: [UInt8]) -> Int {
        var offset = starts[min(position.line, starts.count) - 1]
        for _ in 1..<max(position.column, 1) where offset < bytes.count {
            offset += 1
            while offset < bytes.count, bytes[offset] & 0xC0 == 0x80 { offset += 1 }
        }
        return offset
    }
}

/// Scalars as an edit writes them.
enum ScalarWriting {
    /// A text on one line, in quotes where it needs them.
    static func text(_ text: String) -> String {
        YAMLWriter.line(text)
    }

    /// Whether a character shows as itself in a text of several lines, to people and to every reader.
    static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: false
        default: true
        }
    }

    /// Whether every reader takes a text for itself where it stands without quotes.
    static func isPlain(_ text: String) -> Bool { YAMLWriter.isPlain(text) }
}
