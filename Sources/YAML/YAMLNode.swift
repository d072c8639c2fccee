//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// A place in a YAML text: line and column from 1, the column counted in Unicode scalars.
package struct YAMLPosition: Hashable, Sendable, Comparable {
    // Texts are far smaller than four billion scalars, and a document has two positions a node.
    private let storedLine: UInt32
    private let storedColumn: UInt32

    /// The line, from 1.
    package var line: Int { Int(storedLine) }
    /// The column, from 1, in Unicode scalars.
    package var column: Int { Int(storedColumn) }

    /// Makes a position.
    package init(line: Int, column: Int) {
        storedLine = UInt32(clamping: line)
        storedColumn = UInt32(clamping: column)
    }

    /// Orders positions by line, then column.
    package static func < (left: YAMLPosition, right: YAMLPosition) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// A node of a YAML document as it was written, with where it stands; what a scalar means is the reader's to say.
package struct YAMLNode: Hashable, Sendable {
    /// How a scalar was written.
    package enum Style: Hashable, Sendable {
        case plain
        case quoted
        case block
    }

    /// A scalar's text, before any meaning.
    package struct Scalar: Hashable, Sendable {
        /// The text, with escapes and folds resolved.
        package var text: String
        /// How it was written.
        package var style: Style
        /// The tag where one was written, in its long form such as `tag:yaml.org,2002:str`.
        package var tag: String?

        /// Makes a scalar.
        package init(text: String, style: Style = .plain, tag: String? = nil) {
            self.text = text
            self.style = style
            self.tag = tag
        }
    }

    /// A key and its value.
    package struct Pair: Hashable, Sendable {
        /// The key, a node like any other.
        package var key: YAMLNode
        /// The value.
        package var value: YAMLNode

        /// Makes a pair.
        package init(key: YAMLNode, value: YAMLNode) {
            self.key = key
            self.value = value
        }
    }

    /// What a node holds.
    package enum Content: Hashable, Sendable {
        case scalar(Scalar)
        case sequence([YAMLNode])
        /// Pairs in their order; a key that was written twice is in it twice.
        case mapping([Pair])
    }

    /// What the node holds.
    package var content: Content
    /// Where it begins; for an alias, where the alias does.
    package var start: YAMLPosition
    /// Just behind its end; a block collection ends with its last child.
    package var end: YAMLPosition

    /// Makes a node.
    package init(_ content: Content, start: YAMLPosition, end: YAMLPosition) {
        self.content = content
        self.start = start
        self.end = end
    }

    /// The scalar, where the node is one.
    package var scalar: Scalar? {
        if case .scalar(let scalar) = content { scalar } else { nil }
    }

    /// The elements, where the node is a sequence.
    package var sequence: [YAMLNode]? {
        if case .sequence(let elements) = content { elements } else { nil }
    }

    /// The pairs, where the node is a mapping.
    package var mapping: [Pair]? {
        if case .mapping(let pairs) = content { pairs } else { nil }
    }
}
