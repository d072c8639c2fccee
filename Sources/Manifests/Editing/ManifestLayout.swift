//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import YAML

/// Writes a manifest anew in the one layout, from what stands in it: every node and every comment, in their order.
///
/// Collections in brackets stay in them as long as they are on one line. Comments on lines of their own go with what
/// follows; one behind a value stays in its column, where the value leaves it two spaces.
struct ManifestLayout {
    /// Why a text cannot be laid out; lower case, no full stop.
    struct Problem: Error {
        let message: String
        let offset: Int
    }

    private let text: [Unicode.Scalar]
    private let scalars: ScalarLayout
    private var comments: ArraySlice<Comment>
    private var lines: [String] = []
    /// Whether the last line already ends in a comment, or is one.
    private var isCommented = false
    /// Whether an empty line here would be one of the text before it, or of nothing.
    private var isBlankBarred = true
    private var cursor = 0

    private init(_ text: [Unicode.Scalar], _ comments: [Comment]) {
        self.text = text
        self.comments = comments[...]
        scalars = ScalarLayout(text: text)
    }

    /// The text in the one layout.
    static func format(_ text: [Unicode.Scalar], _ documents: [YAMLSyntaxDocument]) throws(Problem) -> String {
        var layout = ManifestLayout(text, CommentScanner(text, documents: documents).comments)
        for (index, document) in documents.enumerated() {
            let limit = index + 1 < documents.count ? documents[index + 1].marker.lowerBound : text.count
            try layout.write(document, isFirst: index == 0, limit: limit)
        }
        layout.flush(before: text.count + 1, indentation: 0)
        return layout.lines.isEmpty ? "" : layout.lines.joined(separator: "\n") + "\n"
    }

    private mutating func write(_ document: YAMLSyntaxDocument, isFirst: Bool, limit: Int) throws(Problem) {
        let directives = SyntaxText.directives(in: text[document.marker])
        if !document.marker.isEmpty {
            flush(before: document.marker.lowerBound, indentation: 0)
            if !directives.isEmpty, hasDocument { append("...") }
            for line in directives { append(line) }
        }
        if !directives.isEmpty || (!lines.isEmpty && hasContent && document.root != nil) {
            append("---")
            hasDocument = true
            takeTrailing(behind: document.marker.upperBound)
        }
        isBlankBarred = true
        guard let root = document.root else { return }
        (hasContent, hasDocument) = (true, true)
        cursor = document.marker.upperBound
        if !isBlock(root) || isEmpty(root) {
            flush(before: SyntaxText.contentStart(of: root, in: text), indentation: 0)
        } else if root.hasProperties {
            flush(before: root.start, indentation: 0)
        }
        try write(root, lead: "", indentation: 0, limit: limit)
        flush(before: limit, indentation: 0)
    }

    private var hasContent = false
    /// Whether a document was begun: only that can be ended by a marker.
    private var hasDocument = false

    // MARK: Lines

    private mutating func append(_ line: String) {
        lines.append(line)
        (isCommented, isBlankBarred) = (false, false)
    }

    private mutating func blank(ifAbove offset: Int) {
        guard !isBlankBarred, SyntaxText.isBlankAbove(offset, in: text) else { return }
        lines.append("")
        isBlankBarred = true
    }

    /// Writes the comments before a place: those behind something to the line before, the others on their own.
    private mutating func flush(before offset: Int, indentation: Int) {
        while let comment = comments.first, comment.start < offset { write(comment, indentation: indentation) }
    }

    private mutating func write(_ comment: Comment, indentation: Int) {
        comments.removeFirst()
        if comment.isAlone || isCommented || lines.isEmpty || lines.last == "" {
            if comment.isAlone, comment.followsBlank { blank(ifAbove: comment.start) }
            append(String(repeating: " ", count: indentation) + comment.text)
        } else {
            attach(comment)
        }
        isCommented = true
    }

    private mutating func attach(_ comment: Comment) {
        let width = lines[lines.count - 1].unicodeScalars.count
        lines[lines.count - 1] += String(repeating: " ", count: max(2, comment.column - width)) + comment.text
    }

    /// Puts the comment that stands in the same line behind a place to the line that was written last.
    private mutating func takeTrailing(behind end: Int) {
        guard let comment = comments.first, !isCommented, isTrailing(comment, behind: end) else { return }
        comments.removeFirst()
        attach(comment)
        isCommented = true
    }

    private func isTrailing(_ comment: Comment, behind end: Int) -> Bool {
        !comment.isAlone && comment.start >= end
            && !text[end..<comment.start].contains(where: SyntaxText.isBreak)
    }

    // MARK: Nodes

    /// Writes a node behind a lead, which is the beginning of its line: indentation, dash or key.
    private mutating func write(
        _ node: YAMLSyntaxNode,
        lead: String,
        indentation: Int,
        limit: Int
    ) throws(Problem) {
        let isBlock = isBlock(node)
        switch node.content {
        case .mapping(let pairs) where isBlock && !pairs.isEmpty:
            try open(node, lead, indentation)
            for (index, pair) in pairs.enumerated() {
                let end = index + 1 < pairs.count ? pairs[index + 1].key.start : self.end(of: node, limit)
                try write(pair, isFirst: index == 0, indentation: indentation, limit: end)
            }
            close(node, from: pairs[0].key.start, indentation: indentation, limit: limit)
        case .sequence(let elements) where isBlock && !elements.isEmpty:
            try open(node, lead, indentation)
            // A dash in an anchor is none.
            cursor = max(cursor, SyntaxText.contentStart(of: node, in: text))
            let first = node.isFlow ? node.start : dash(from: cursor, before: elements[0].start)
            for (index, element) in elements.enumerated() {
                let next = index + 1 < elements.count ? elements[index + 1].start : nil
                let end = next.map { node.isFlow ? $0 : dash(from: element.end, before: $0) }
                let limit = end ?? self.end(of: node, limit)
                try write(element: element, of: node, isFirst: index == 0, indentation: indentation, limit: limit)
            }
            close(node, from: first, indentation: indentation, limit: limit)
        default: try writeLine(node, lead: lead, indentation: indentation)
        }
    }

    private func end(of node: YAMLSyntaxNode, _ limit: Int) -> Int { node.isFlow ? node.end : limit }

    /// Begins a collection: what stands before it is a line of its own unless a dash leads to its first child.
    private mutating func open(_ node: YAMLSyntaxNode, _ lead: String, _ indentation: Int) throws(Problem) {
        pending = nil
        let properties = SyntaxText.properties(of: node, in: text)
        let start = SyntaxText.contentStart(of: node, in: text)
        let isDash = lead.hasSuffix("- ")
        let hasComment = comments.first.map { $0.start < start } ?? false
        if isDash, properties.isEmpty, !hasComment || node.isFlow {
            pending = lead
            return
        }
        let line = trimmed(lead) + (properties.isEmpty ? "" : (lead.isEmpty || isDash ? "" : " ") + properties)
        guard !line.isEmpty else { return }
        append(isDash && !properties.isEmpty ? lead + properties : line)
        takeTrailing(behind: cursor)
        flushTrailing(before: start, indentation: indentation)
        isBlankBarred = true
    }

    /// The dash that the next line begins with, instead of its indentation.
    private var pending: String?

    private mutating func flushTrailing(before offset: Int, indentation: Int) {
        while let comment = comments.first, comment.start < offset, !comment.isAlone {
            write(comment, indentation: indentation)
        }
    }

    /// Ends a collection: comments in its column, or in its brackets, are its own.
    private mutating func close(_ node: YAMLSyntaxNode, from first: Int, indentation: Int, limit: Int) {
        if node.isFlow { return closeBrackets(node, indentation: indentation) }
        let column = first - SyntaxText.lineStart(of: first, in: text)
        while let comment = comments.first, comment.start < limit, comment.column >= max(column, 1) || !comment.isAlone
        {
            write(comment, indentation: indentation)
        }
    }

    /// Writes the comments in brackets that have gone, and the one behind them.
    private mutating func closeBrackets(_ node: YAMLSyntaxNode, indentation: Int) {
        flush(before: node.end, indentation: indentation)
        cursor = max(cursor, node.end)
        takeTrailing(behind: node.end)
        if let comment = comments.first, isTrailing(comment, behind: node.end) {
            write(comment, indentation: indentation)
        }
    }

    private mutating func write(
        _ pair: YAMLSyntaxNode.Pair,
        isFirst: Bool,
        indentation: Int,
        limit: Int
    ) throws(Problem) {
        let key = try self.key(pair.key)
        let before =
            isBlock(pair.value) && !isEmpty(pair.value)
            ? pair.key.start : SyntaxText.contentStart(of: pair.value, in: text)
        let start = lineStart(isFirst: isFirst, at: pair.key.start, before: before, indentation: indentation)
        try checkNoMarker(start + key + ":", at: pair.key.start)
        cursor = pair.key.end
        try write(pair.value, lead: start + key + ":", indentation: indentation + 2, limit: limit)
    }

    private mutating func write(
        element: YAMLSyntaxNode,
        of node: YAMLSyntaxNode,
        isFirst: Bool,
        indentation: Int,
        limit: Int
    ) throws(Problem) {
        let dash = node.isFlow ? element.start : self.dash(from: cursor, before: element.start)
        let before = isBlock(element) && !isEmpty(element) ? dash : SyntaxText.contentStart(of: element, in: text)
        let start = lineStart(isFirst: isFirst, at: dash, before: before, indentation: indentation)
        cursor = node.isFlow ? element.start : dash + 1
        try write(element, lead: start + "- ", indentation: indentation + 2, limit: limit)
    }

    /// The dash of an element, which stands behind the end of what is before it.
    private func dash(from start: Int, before end: Int) -> Int {
        var index = start
        while index < end {
            if text[index] == "#", index == 0 || SyntaxText.isSpace(text[index - 1]) {
                index = SyntaxText.lineEnd(from: index, in: text)
            } else if text[index] == "-", index + 1 >= text.count || SyntaxText.isSpace(text[index + 1]) {
                return index
            } else {
                index += 1
            }
        }
        return end
    }

    /// What a line begins with, after the comments before it have been written.
    private mutating func lineStart(isFirst: Bool, at offset: Int, before: Int, indentation: Int) -> String {
        let indent = String(repeating: " ", count: indentation)
        if let lead = pending {
            pending = nil
            let isApart = comments.prefix { $0.start < before }.contains(where: \.isAlone)
            guard isApart else { return lead }
            append(trimmed(lead))
            flushTrailing(before: before, indentation: indentation)
            isBlankBarred = true
        }
        while let comment = comments.first, comment.start < before, comment.isAlone || comment.start < offset {
            write(comment, indentation: indentation)
        }
        blank(ifAbove: offset)
        return indent
    }

    private func key(_ node: YAMLSyntaxNode) throws(Problem) -> String {
        let properties = SyntaxText.properties(of: node, in: text)
        let prefix = properties.isEmpty ? "" : properties + " "
        switch node.content {
        case .scalar(let value):
            let lines = scalars.lines(of: node, value, at: .key, indentation: 0)
            guard lines.count == 1, !lines[0].isEmpty, !"|>".contains(lines[0].prefix(1)), lines[0].count <= 1000 else {
                throw Problem(
                    message: "a key that is empty or takes several lines cannot be laid out",
                    offset: node.start
                )
            }
            return prefix + lines[0]
        case .alias: return raw(node) + " "
        case .sequence, .mapping:
            throw Problem(message: "a key that is no text cannot be laid out", offset: node.start)
        }
    }

    private func raw(_ node: YAMLSyntaxNode) -> String { String(String.UnicodeScalarView(text[node.start..<node.end])) }

    private func trimmed(_ text: String) -> String {
        var text = text[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }

    private func checkNoMarker(_ line: String, at offset: Int) throws(Problem) {
        guard SyntaxText.isMarker(line) else { return }
        throw Problem(message: "a text that begins with `\(line.prefix(3))` needs quotes", offset: offset)
    }

    // MARK: Values on a line

    /// Writes a scalar, an alias, or a collection in brackets.
    private mutating func writeLine(_ node: YAMLSyntaxNode, lead: String, indentation: Int) throws(Problem) {
        var parts: [String]
        if case .scalar(let value) = node.content {
            // Behind a document's marker texts of several lines are indented as everywhere else.
            parts = scalars.lines(of: node, value, at: .block, indentation: max(indentation, 2))
        } else {
            parts = [try flow(node)]
        }
        let properties = SyntaxText.properties(of: node, in: text)
        let start = SyntaxText.contentStart(of: node, in: text)
        if lead.isEmpty, properties.isEmpty { try checkNoMarker(parts[0], at: start) }
        let isText = start < node.end && (text[start] == "|" || text[start] == ">")
        let keepsEnd = isText && parts[0].contains("+")
        let space = lead.isEmpty || lead.hasSuffix(" ") ? "" : " "
        let behind = min(cursor, start)
        let isApart = comments.first.map { $0.start < start && isTrailing($0, behind: behind) } ?? false
        if parts.count > 1, !isText, isApart {
            // A text over several lines leaves no room for a comment behind its first: it begins a line further down.
            append(properties.isEmpty ? trimmed(lead) : lead + space + properties)
            parts[0] = String(repeating: " ", count: max(indentation, 2)) + parts[0]
        } else {
            let first = properties + (properties.isEmpty || parts[0].isEmpty ? "" : " ") + parts.removeFirst()
            append(first.isEmpty ? trimmed(lead) : lead + space + first)
        }
        takeTrailing(behind: behind)
        // A comment of its own line would be one of the text, or come before all of it the next time.
        if parts.isEmpty { flushTrailing(before: start, indentation: max(indentation - 2, 0)) }
        if isText { takeTrailing(behind: start) }
        for part in parts { append(part) }
        if isText {
            // Behind a text that ends in an empty line or one of spaces, another would look like one of it.
            isBlankBarred = keepsEnd || parts.last.map { $0.allSatisfy { $0 == " " } } ?? false
            isCommented = true
        } else {
            closeBrackets(node, indentation: max(indentation - 2, 0))
        }
        cursor = max(cursor, node.end)
    }

    private func flow(_ node: YAMLSyntaxNode) throws(Problem) -> String {
        switch node.content {
        case .alias: return raw(node)
        case .scalar(let value):
            let properties = SyntaxText.properties(of: node, in: text)
            let lines = scalars.lines(of: node, value, at: .flow, indentation: 0)
            // A tag ends with a space also where nothing follows it.
            return properties + (properties.isEmpty ? "" : " ") + lines[0]
        case .sequence(let elements):
            let inner = try elements.map { element throws(Problem) in try braced(element) }
            return "[" + inner.joined(separator: ", ") + "]"
        case .mapping(let pairs):
            let inner = try pairs.map { pair throws(Problem) in
                let key = try self.flowKey(pair.key)
                return key + ": " + (try braced(pair.value))
            }
            return "{" + inner.joined(separator: ", ") + "}"
        }
    }

    private func flowKey(_ node: YAMLSyntaxNode) throws(Problem) -> String {
        guard case .scalar(let value) = node.content else { return try key(node) }
        let properties = SyntaxText.properties(of: node, in: text)
        let line = scalars.lines(of: node, value, at: .flow, indentation: 0)[0]
        guard !line.isEmpty else {
            throw Problem(message: "a key that is empty cannot be laid out", offset: node.start)
        }
        return (properties.isEmpty ? "" : properties + " ") + line
    }

    private func braced(_ node: YAMLSyntaxNode) throws(Problem) -> String {
        let properties = SyntaxText.properties(of: node, in: text)
        switch node.content {
        case .sequence, .mapping: return (properties.isEmpty ? "" : properties + " ") + (try flow(node))
        case .scalar, .alias: return try flow(node)
        }
    }

    private func isEmpty(_ node: YAMLSyntaxNode) -> Bool {
        switch node.content {
        case .sequence(let elements): elements.isEmpty
        case .mapping(let pairs): pairs.isEmpty
        case .scalar, .alias: true
        }
    }

    /// Whether a collection is written without brackets: it was, or it was spread over lines.
    private func isBlock(_ node: YAMLSyntaxNode) -> Bool {
        switch node.content {
        case .scalar, .alias: false
        case .sequence, .mapping: !node.isFlow || text[node.start..<node.end].contains(where: SyntaxText.isBreak)
        }
    }
}
