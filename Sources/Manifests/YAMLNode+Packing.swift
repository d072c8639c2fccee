//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Packing
package import YAML

extension YAMLNode: Packable {
    /// Nodes in each other that are unpacked at most: more than the reader lets through.
    private static let depthLimit = 256

    /// Writes the node.
    package func pack(to packer: inout Packer) {
        packer.value(start)
        packer.value(end)
        switch content {
        case .scalar(let scalar):
            packer.byte(Self.code(of: scalar))
            packer.text(scalar.text)
            if let tag = scalar.tag { packer.text(tag) }
        case .sequence(let elements):
            packer.byte(8)
            packer.list(elements) { $0.value($1) }
        case .mapping(let pairs):
            packer.byte(9)
            packer.list(pairs) {
                $0.value($1.key)
                $0.value($1.value)
            }
        }
    }

    /// Reads a node.
    package init(from unpacker: inout Unpacker) throws(PackingError) { try self.init(from: &unpacker, depth: 0) }

    private init(from unpacker: inout Unpacker, depth: Int) throws(PackingError) {
        guard depth < Self.depthLimit else { throw PackingError() }
        let (start, end): (YAMLPosition, YAMLPosition) = (try unpacker.value(), try unpacker.value())
        let code = try unpacker.byte()
        let content: Content
        switch code {
        case 8:
            content = .sequence(
                try unpacker.list { unpacker throws(PackingError) in try Self(from: &unpacker, depth: depth + 1) }
            )
        case 9:
            content = .mapping(
                try unpacker.list { unpacker throws(PackingError) in
                    let key = try Self(from: &unpacker, depth: depth + 1)
                    return Pair(key: key, value: try Self(from: &unpacker, depth: depth + 1))
                }
            )
        default: content = .scalar(try Self.scalar(code, &unpacker))
        }
        self.init(content, start: start, end: end)
    }

    private static let styles: [Style] = [.plain, .quoted, .block]

    /// The style of a scalar, and whether it has a tag.
    private static func code(of scalar: Scalar) -> UInt8 {
        let style: UInt8 =
            switch scalar.style {
            case .plain: 0
            case .quoted: 1
            case .block: 2
            }
        return style | (scalar.tag == nil ? 0 : 4)
    }

    private static func scalar(_ code: UInt8, _ unpacker: inout Unpacker) throws(PackingError) -> Scalar {
        guard code & 3 < styles.count, code < 8 else { throw PackingError() }
        let text = try unpacker.text()
        return Scalar(text: text, style: styles[Int(code & 3)], tag: code & 4 == 0 ? nil : try unpacker.text())
    }
}

extension YAMLPosition: Packable {
    /// Writes the position.
    package func pack(to packer: inout Packer) {
        packer.int(line)
        packer.int(column)
    }

    /// Reads a position.
    package init(from unpacker: inout Unpacker) throws(PackingError) {
        self.init(line: try unpacker.int(), column: try unpacker.int())
    }
}
