//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// How large a text may be and become, so that no text takes more time and memory than its reader has.
package struct YAMLBounds: Sendable {
    /// The most bytes of a text.
    package let bytes = 4 << 20
    /// The most lines of a text.
    package let lines: Int
    /// The most nodes of a text, aliases aside.
    package let nodes: Int
    /// The most nodes that the aliases of a text stand for together: a small text cannot become an endless document.
    package let aliased = 100_000
    /// The most bytes of a scalar.
    package let scalar: Int
    /// How deep collections may be nested.
    package let depth = 100

    /// Bounds that no manifest of a person comes near.
    package static let standard = YAMLBounds()

    /// Makes bounds.
    package init(lines: Int = 500_000, nodes: Int = 500_000, scalar: Int = 1 << 20) {
        self.lines = lines
        self.nodes = nodes
        self.scalar = scalar
    }
}
