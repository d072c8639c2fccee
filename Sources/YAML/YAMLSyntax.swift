//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// A node as it stands in a text, with places counted in Unicode scalars and aliases left as they are: what a formatter
/// needs to write the same text in another layout.
package struct YAMLSyntaxNode: Sendable {
    /// What the node holds.
    package enum Content: Sendable {
        case scalar(String)
        case alias
        case sequence([YAMLSyntaxNode])
        case mapping([Pair])
    }

    /// A key and its value.
    package struct Pair: Sendable {
        /// The key.
        package let key: YAMLSyntaxNode
        /// The value.
        package let value: YAMLSyntaxNode
    }

    /// What it holds.
    package let content: Content
    /// Whether a collection was written in brackets or braces.
    package let isFlow: Bool
    /// Whether an anchor or a tag stands before it.
    package let hasProperties: Bool
    /// Where it begins, with its anchor and tag.
    package let start: Int
    /// Just behind its end; of a collection without brackets, behind its last child.
    package let end: Int
}

/// A document as it stands in a text.
package struct YAMLSyntaxDocument: Sendable {
    /// What it holds; nothing where that is nothing at all.
    package let root: YAMLSyntaxNode?
    /// Where its directives and its `---` stand; empty where it has none.
    package let marker: Range<Int>
    /// Where its `...` stands; empty where it has none.
    package let endMarker: Range<Int>
}

extension YAMLReader {
    /// The documents of a text that is YAML, as they stand in it.
    package static func syntax(_ bytes: [UInt8]) throws(YAMLError) -> [YAMLSyntaxDocument] {
        var builder = SyntaxBuilder(parser: try EventParser(bytes), map: try TextMap(bytes))
        return try builder.documents()
    }
}

/// Builds syntax from events.
private struct SyntaxBuilder: ~Copyable {
    private var parser: EventParser
    private let map: TextMap

    init(parser: consuming EventParser, map: TextMap) {
        self.parser = parser
        self.map = map
    }

    mutating func documents() throws(YAMLError) -> [YAMLSyntaxDocument] {
        var documents: [YAMLSyntaxDocument] = []
        var marker = 0..<0
        var root: YAMLSyntaxNode?
        while true {
            let next = try parser.next(map)
            switch next.event {
            case .streamEnd: return documents
            case .documentStart: (marker, root) = (next.start..<next.end, nil)
            case .documentEnd:
                let end = next.start..<next.end
                documents.append(YAMLSyntaxDocument(root: root, marker: marker, endMarker: end))
            case .scalar(let scalar, let anchor)
            where scalar.text.isEmpty && scalar.style == .plain && anchor == nil && scalar.tag == nil:
                break
            case .alias, .scalar, .sequenceStart, .mappingStart: root = try build(next, depth: 1)
            case .collectionEnd, .other: break
            }
        }
    }

    private mutating func build(_ located: LocatedEvent, depth: Int) throws(YAMLError) -> YAMLSyntaxNode {
        guard depth <= YAMLBounds.standard.depth else {
            let position = map.position(located.start)
            throw YAMLError("nested deeper than \(YAMLBounds.standard.depth) levels", at: position)
        }
        switch located.event {
        case .scalar(let scalar, let anchor):
            return YAMLSyntaxNode(
                content: .scalar(scalar.text),
                isFlow: false,
                hasProperties: anchor != nil || scalar.tag != nil,
                start: located.start,
                end: located.end
            )
        case .sequenceStart(let anchor, let tag, let isFlow):
            let (children, end) = try children(located, depth)
            return YAMLSyntaxNode(
                content: .sequence(children),
                isFlow: isFlow,
                hasProperties: anchor != nil || tag != nil,
                start: located.start,
                end: isFlow ? end : children.last?.end ?? end
            )
        case .mappingStart(let anchor, let tag, let isFlow):
            let (children, end) = try children(located, depth)
            let pairs = stride(from: 0, to: children.count - 1, by: 2).map {
                YAMLSyntaxNode.Pair(key: children[$0], value: children[$0 + 1])
            }
            return YAMLSyntaxNode(
                content: .mapping(pairs),
                isFlow: isFlow,
                hasProperties: anchor != nil || tag != nil,
                start: located.start,
                end: isFlow ? end : children.last?.end ?? end
            )
        case .alias, .documentStart, .documentEnd, .streamEnd, .collectionEnd, .other:
            return YAMLSyntaxNode(
                content: .alias,
                isFlow: false,
                hasProperties: false,
                start: located.start,
                end: located.end
            )
        }
    }

    private mutating func children(
        _ located: LocatedEvent,
        _ depth: Int
    ) throws(YAMLError) -> ([YAMLSyntaxNode], end: Int) {
        var children: [YAMLSyntaxNode] = []
        while true {
            let next = try parser.next(map)
            if case .collectionEnd = next.event { return (children, next.end) }
            children.append(try build(next, depth: depth + 1))
        }
    }
}
