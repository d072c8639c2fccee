//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Reads YAML by libyaml's events: as nodes with positions for what people write, as values for what ftops wrote.
package enum YAMLReader {
    /// Hands over the documents of a text, in order, up to where the text is no YAML; empty ones are left out.
    package static func forEachDocument(
        in bytes: [UInt8],
        within bounds: YAMLBounds = .standard,
        _ body: (YAMLNode) -> Void
    ) throws(YAMLError) {
        var builder = try NodeBuilder(bytes, within: bounds)
        while let document = try builder.nextDocument() { body(document) }
    }

    /// The documents of a text, in order; empty ones are left out.
    package static func documents(
        _ bytes: [UInt8],
        within bounds: YAMLBounds = .standard
    ) throws(YAMLError) -> [YAMLNode] {
        var documents: [YAMLNode] = []
        try forEachDocument(in: bytes, within: bounds) { documents.append($0) }
        return documents
    }

    /// The value of a text of one document by the core schema; a text without one is null.
    package static func value(_ bytes: [UInt8]) throws(YAMLError) -> YAMLValue {
        let documents = try documents(bytes)
        guard documents.count <= 1 else {
            throw YAMLError("more than one document where one is expected", at: documents[1].start)
        }
        guard let root = documents.first else { return .null }
        return try value(of: root)
    }

    /// The value of a node by the core schema.
    package static func value(of node: YAMLNode) throws(YAMLError) -> YAMLValue {
        switch node.content {
        case .scalar(let scalar):
            guard let value = CoreSchema.value(of: scalar) else {
                throw YAMLError("the text is not of the type that its tag names", at: node.start)
            }
            return value
        case .sequence(let elements):
            var values: [YAMLValue] = []
            for element in elements { values.append(try value(of: element)) }
            return .sequence(values)
        case .mapping(let pairs): return try mapping(pairs)
        }
    }

    private static func mapping(_ pairs: [YAMLNode.Pair]) throws(YAMLError) -> YAMLValue {
        var seen: Set<String> = []
        var values: [YAMLPair] = []
        for pair in pairs {
            guard let key = pair.key.scalar?.text else {
                throw YAMLError("a key must be a text", at: pair.key.start)
            }
            guard seen.insert(key).inserted else {
                throw YAMLError("the key \(key) stands here twice", at: pair.key.start)
            }
            values.append(YAMLPair(key, try value(of: pair.value)))
        }
        return .mapping(values)
    }
}
