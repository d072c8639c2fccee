//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Builds nodes from events: resolves aliases, and bounds how deep and how large a document may become.
struct NodeBuilder: ~Copyable {
    private struct Anchor {
        var node: YAMLNode
        var count: Int
        var depth: Int
    }

    /// A node with the numbers that an alias to it costs.
    private struct Built {
        var node: YAMLNode
        var count = 1
        var depth = 1
    }

    private var parser: EventParser
    private let map: TextMap
    private let bounds: YAMLBounds
    private var anchors: [String: Anchor] = [:]
    private var open: Set<String> = []
    private var expanded = 0
    private var nodes = 0

    init(_ bytes: [UInt8], within bounds: YAMLBounds) throws(YAMLError) {
        let map = try TextMap(bytes, within: bounds)
        let parser = try EventParser(bytes)
        self.bounds = bounds
        self.map = map
        self.parser = parser
    }

    /// The next document that holds something; after an error or the end it must not be asked again.
    mutating func nextDocument() throws(YAMLError) -> YAMLNode? {
        while true {
            let next = try parser.next(map)
            switch next.event {
            case .streamEnd: return nil
            case .documentStart: anchors = [:]
            case .documentEnd, .other, .collectionEnd: break
            default:
                let root = try build(next, depth: 1).node
                if !Self.isEmpty(root) { return root }
            }
        }
    }

    private static func isEmpty(_ node: YAMLNode) -> Bool {
        node.scalar.map { $0.text.isEmpty && $0.style == .plain && $0.tag == nil } ?? false
    }

    private mutating func build(_ located: LocatedEvent, depth: Int) throws(YAMLError) -> Built {
        let start = map.position(located.start)
        let end = map.position(located.end)
        guard depth <= bounds.depth else {
            throw YAMLError("nested deeper than \(bounds.depth) levels", at: start)
        }
        nodes += 1
        guard nodes <= bounds.nodes else {
            throw YAMLError("more than \(bounds.nodes) nodes; use several files", at: start)
        }
        switch located.event {
        case .alias(let name): return try alias(name, from: start, to: end, depth: depth)
        case .scalar(let scalar, let anchor):
            try CoreSchema.check(tag: scalar.tag, of: .scalar, at: start)
            guard scalar.text.utf8.count <= bounds.scalar else {
                throw YAMLError("a text of more than \(bounds.scalar >> 10) KB", at: start)
            }
            let last = scalar.style == .block ? map.endOfText(before: end, after: start) : end
            return remember(Built(node: YAMLNode(.scalar(scalar), start: start, end: last)), as: anchor)
        case .sequenceStart(let anchor, let tag, let isFlow):
            try CoreSchema.check(tag: tag, of: .sequence, at: start)
            return try collection(anchor, isFlow, from: start, depth: depth) { .sequence($0) }
        case .mappingStart(let anchor, let tag, let isFlow):
            try CoreSchema.check(tag: tag, of: .mapping, at: start)
            return try collection(anchor, isFlow, from: start, depth: depth) { children in
                let pairs = stride(from: 0, to: children.count - 1, by: 2)
                return .mapping(pairs.map { YAMLNode.Pair(key: children[$0], value: children[$0 + 1]) })
            }
        case .documentStart, .documentEnd, .streamEnd, .collectionEnd, .other:
            throw YAMLError("the document ends too early", at: start)
        }
    }

    private mutating func collection(
        _ anchor: String?,
        _ isFlow: Bool,
        from start: YAMLPosition,
        depth: Int,
        content: ([YAMLNode]) -> YAMLNode.Content
    ) throws(YAMLError) -> Built {
        let isNew = anchor.map { open.insert($0).inserted } ?? false
        var children: [YAMLNode] = []
        var built = Built(node: YAMLNode(.sequence([]), start: start, end: start))
        while true {
            let next = try parser.next(map)
            if case .collectionEnd = next.event {
                let flowEnd = map.position(next.end)
                built.node.end = isFlow ? flowEnd : children.last.map { max($0.end, start) } ?? flowEnd
                break
            }
            let child = try build(next, depth: depth + 1)
            children.append(child.node)
            built.count += child.count
            built.depth = max(built.depth, child.depth + 1)
        }
        built.node.content = content(children)
        if isNew, let anchor { open.remove(anchor) }
        return remember(built, as: anchor)
    }

    private mutating func remember(_ built: Built, as anchor: String?) -> Built {
        if let anchor { anchors[anchor] = Anchor(node: built.node, count: built.count, depth: built.depth) }
        return built
    }

    private mutating func alias(
        _ name: String,
        from start: YAMLPosition,
        to end: YAMLPosition,
        depth: Int
    ) throws(YAMLError) -> Built {
        guard !open.contains(name) else {
            throw YAMLError("the alias *\(name) stands inside of what it names", at: start)
        }
        guard let anchor = anchors[name] else {
            throw YAMLError("the alias *\(name) names nothing: no &\(name) before it", at: start)
        }
        expanded += anchor.count
        guard expanded <= bounds.aliased else {
            throw YAMLError("aliases stand for more than \(bounds.aliased) nodes", at: start)
        }
        guard depth + anchor.depth - 1 <= bounds.depth else {
            throw YAMLError("nested deeper than \(bounds.depth) levels", at: start)
        }
        let node = YAMLNode(anchor.node.content, start: start, end: end)
        return Built(node: node, count: anchor.count, depth: anchor.depth)
    }
}
