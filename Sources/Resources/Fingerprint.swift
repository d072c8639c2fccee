//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// The hash of all that a training was asked to do: `v1-` and 64 hexadecimal digits.
package struct Fingerprint: RawRepresentable, Hashable, Sendable, Comparable, CustomStringConvertible {
    private static let version = "v1-"

    /// What follows `v1-`.
    package let digest: ContentDigest

    /// Makes a fingerprint from its digest.
    package init(_ digest: ContentDigest) { self.digest = digest }

    /// Makes a fingerprint from its text; nothing where the text has another form.
    package init?(rawValue: String) {
        guard rawValue.hasPrefix(Self.version),
            let digest = ContentDigest(digits: rawValue.utf8.dropFirst(Self.version.utf8.count))
        else { return nil }
        self.digest = digest
    }

    /// The text with its `v1-`.
    package var rawValue: String { Self.version + digest.rawValue }

    /// The 64 digits after `v1-`.
    package var hex: String { digest.rawValue }

    /// `v1-` and the first twelve digits, for people.
    package var short: String { Self.version + digest.short }

    /// The text with its `v1-`.
    package var description: String { rawValue }

    /// Whether two fingerprints are the same; by their texts, as of other raw values, it would take longer.
    package static func == (left: Fingerprint, right: Fingerprint) -> Bool { left.digest == right.digest }

    /// Feeds the fingerprint to a hasher.
    package func hash(into hasher: inout Hasher) { hasher.combine(digest) }

    /// Orders fingerprints by their text.
    package static func < (left: Fingerprint, right: Fingerprint) -> Bool { left.digest < right.digest }
}
