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

/// The hash of all that a training was asked to do: `v1-` and 64 hexadecimal digits.
package struct Fingerprint: RawRepresentable, Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The text with its `v1-`.
    package let rawValue: String

    /// Makes a fingerprint from its text; nothing where the text has another form.
    package init?(rawValue: String) {
        guard rawValue.hasPrefix("v1-"), ContentDigest(rawValue: String(rawValue.dropFirst(3))) != nil else {
            return nil
        }
        self.rawValue = rawValue
    }

    /// The 64 digits after `v1-`.
    package var hex: String { String(rawValue.dropFirst(3)) }

    /// `v1-` and the first twelve digits, for people.
    package var short: String { String(rawValue.prefix(15)) }

    /// The text with its `v1-`.
    package var description: String { rawValue }

    /// Orders fingerprints by their text.
    package static func < (left: Fingerprint, right: Fingerprint) -> Bool { left.rawValue < right.rawValue }
}

/// A SHA-256 as 64 lowercase hexadecimal digits.
package struct ContentDigest: RawRepresentable, Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The 64 digits.
    package let rawValue: String

    /// Makes a digest from its digits; nothing where the text has another form.
    package init?(rawValue: String) {
        let digits = rawValue.utf8
        let isHex: (UInt8) -> Bool = { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        guard digits.count == 64, digits.allSatisfy(isHex) else { return nil }
        self.rawValue = rawValue
    }

    /// The first twelve digits, for names.
    package var short: String { String(rawValue.prefix(12)) }

    /// The 64 digits.
    package var description: String { rawValue }

    /// Orders digests by their digits.
    package static func < (left: ContentDigest, right: ContentDigest) -> Bool { left.rawValue < right.rawValue }
}
