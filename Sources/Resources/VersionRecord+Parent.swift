//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

extension VersionRecord {
    /// The fine-tune that a training goes on from.
    package struct Parent: Hashable, Sendable {
        /// Its name.
        package var fineTune: ResourceName
        /// What it asks for, which stands in the fingerprint for the base.
        package var fingerprint: Fingerprint
        /// The version that was gone on from; nothing while nothing is trained.
        package var version: VersionID?

        /// Makes a parent.
        package init(fineTune: ResourceName, fingerprint: Fingerprint, version: VersionID? = nil) {
            self.fineTune = fineTune
            self.fingerprint = fingerprint
            self.version = version
        }
    }
}
