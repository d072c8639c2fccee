//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Digest
package import Git
package import Planning
package import Resources

/// The ledger as it was at one tip.
package struct LedgerSnapshot: Hashable, Sendable {
    /// The tip; nothing where there is no ledger yet.
    package let tip: ObjectID?
    /// The commit that the ledger began with; nothing where there is no ledger yet.
    package let root: ObjectID?
    /// Every run, by its fingerprint.
    package let entries: [Fingerprint: RunEntry]

    /// Makes a snapshot.
    package init(tip: ObjectID?, root: ObjectID?, entries: [Fingerprint: RunEntry]) {
        self.tip = tip
        self.root = root
        self.entries = entries
    }

    /// A ledger in which nothing was ever written.
    package static let empty = LedgerSnapshot(tip: nil, root: nil, entries: [:])

    /// The id of the run of a fingerprint; nothing before the ledger has begun.
    package func runID(of fingerprint: Fingerprint) -> RunID? {
        root.map { RunID(root: $0, fingerprint: fingerprint) }
    }

    /// The runs that a text names: by id, by the beginning of one, or by a fine-tune's name; sorted by fingerprint.
    package func runs(named text: String) -> [RunEntry] {
        let isPrefix =
            !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        let found = entries.values.filter { entry in
            if entry.fineTunes.contains(ResourceName(rawValue: text)) { return true }
            return isPrefix && runID(of: entry.fingerprint)?.rawValue.hasPrefix(text) == true
        }
        return found.sorted { $0.fingerprint < $1.fingerprint }
    }
}

extension RunID {
    /// The id of a fingerprint's run in the ledger that began with a commit.
    ///
    /// It is the first 12 hexadecimal digits of the SHA-256 of the root commit's 40 digits, a line feed, and the
    /// fingerprint with its `v1-`.
    package init(root: ObjectID, fingerprint: Fingerprint) {
        self.init(rawValue: String(SHA256Digest.of("\(root.hex)\n\(fingerprint.rawValue)").hex.prefix(12)))
    }
}
