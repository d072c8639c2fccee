//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// How a version's id comes from what was asked for and what came out.
package enum VersionIdentity {
    /// The digest of all weights: SHA-256 of the canonical JSON of `[{"name", "sha256", "size"}]`, sorted by name.
    package static func weightsDigest(_ files: [VersionRecord.File]) -> ContentDigest { .ofFiles(files) }

    /// The version's id: SHA-256 of the fingerprint, a line feed and the weights' digest.
    package static func id(fingerprint: Fingerprint, weights: [VersionRecord.File]) -> VersionID {
        .ofText("\(fingerprint.rawValue)\n\(weightsDigest(weights).rawValue)")
    }
}

extension RunID {
    /// The id of a fingerprint's run in a ledger: 12 digits of SHA-256 over root commit, line feed and fingerprint.
    package static func of(_ fingerprint: Fingerprint, ledgerRoot: String) -> RunID {
        RunID(rawValue: ContentDigest.ofText("\(ledgerRoot)\n\(fingerprint.rawValue)").short)
    }
}
