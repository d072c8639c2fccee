//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// The name of a resource, unique among those of its kind in a repository.
package struct ResourceName: RawRepresentable, Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The name's text.
    package let rawValue: String

    /// Makes a name from its text, which the reader of manifests has checked.
    package init(rawValue: String) { self.rawValue = rawValue }

    /// The name's text.
    package var description: String { rawValue }

    /// Orders names by their text.
    package static func < (left: ResourceName, right: ResourceName) -> Bool { left.rawValue < right.rawValue }

    /// Whether a text can be a name: letters, digits, `-`, `_` and `.`, with a letter or digit first, at most 100.
    package static func isValid(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, bytes.count <= 100, isAlphanumeric(first) else { return false }
        return bytes.allSatisfy { isAlphanumeric($0) || $0 == 0x2D || $0 == 0x5F || $0 == 0x2E }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}

/// A destination model: owner and name, written `owner/name`.
package struct ModelName: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Who owns the model.
    package let owner: String
    /// The model's own name.
    package let name: String

    /// Makes a model's name from its two parts.
    package init(owner: String, name: String) {
        self.owner = owner
        self.name = name
    }

    /// Reads `owner/name`; nothing where a part is missing or cannot be a name.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, parts.allSatisfy(ResourceName.isValid) else { return nil }
        self.init(owner: parts[0], name: parts[1])
    }

    /// `owner/name`.
    package var description: String { "\(owner)/\(name)" }

    /// Orders models by owner, then name.
    package static func < (left: ModelName, right: ModelName) -> Bool {
        (left.owner, left.name) < (right.owner, right.name)
    }
}
