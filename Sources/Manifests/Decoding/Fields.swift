//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import YAML

/// A value in a document, with the path that leads to it.
struct Field: Sendable {
    /// The path, such as `spec.evaluation.metrics[0]`.
    let path: String
    /// The value.
    let node: YAMLNode
    /// What it takes.
    let shape: Shape
    /// The key that it has; nothing for a list's element and for a document.
    let key: YAMLNode?

    init(path: String, node: YAMLNode, shape: Shape, key: YAMLNode? = nil) {
        self.path = path
        self.node = node
        self.shape = shape
        self.key = key
    }

    /// The field, of which it is known by now what it takes.
    func with(_ shape: Shape) -> Field { Field(path: path, node: node, shape: shape, key: key) }

    /// The path as messages name it: what stands before `spec` goes without saying.
    var name: String {
        excerpt(path.hasPrefix("spec.") ? String(path.dropFirst(5)) : path)
    }

    /// The name as a sentence begins with it.
    var label: String { path.isEmpty ? "a document" : "`\(name)`" }

    /// The element of a list.
    func element(_ index: Int, _ node: YAMLNode) -> Field {
        Field(path: "\(path)[\(index)]", node: node, shape: shape.element ?? .text())
    }
}

/// The known fields of a mapping, each key once.
struct Fields: Sendable {
    /// The mapping itself.
    let field: Field
    /// The fields in the order of the text.
    private(set) var all: [Field] = []
    private(set) var keys: [String] = []
    /// So many keys are sooner looked through than filed.
    private static let few = 12
    private var indices: [String: Int] = [:]
    /// What is known of the keys; nothing where any key is one.
    let table: MappingTable?
    private let element: Shape

    /// Begins with none of so many fields.
    init(_ field: Field, count: Int) {
        self.field = field
        // Who writes a million keys is told of a thousand.
        all.reserveCapacity(min(count, Self.few))
        keys.reserveCapacity(min(count, Self.few))
        table = field.shape.mapping
        element = field.shape.element ?? .text()
    }

    /// The field of a key, where it is set.
    subscript(key: String) -> Field? { index(of: key).map { all[$0] } }

    /// Whether a key is set.
    func has(_ key: String) -> Bool { index(of: key) != nil }

    /// Those of the keys that are set.
    func present(_ names: [String]) -> [String] { names.filter(has) }

    /// Adds a field, of which the table may know what it takes.
    mutating func append(_ key: String, _ pair: YAMLNode.Pair, _ shape: Shape? = nil) -> Field {
        let path = field.path.isEmpty ? key : field.path + "." + key
        let field = Field(path: path, node: pair.value, shape: shape ?? element, key: pair.key)
        if keys.count == Self.few {
            indices = Dictionary(keys.enumerated().map { ($1, $0) }) { first, _ in first }
        }
        if keys.count >= Self.few { indices[key] = keys.count }
        all.append(field)
        keys.append(key)
        return field
    }

    private func index(of key: String) -> Int? { keys.count > Self.few ? indices[key] : keys.firstIndex(of: key) }
}
