//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Artifacts
internal import Git
internal import Ledger
package import Resources

/// Finds published versions, and the store that has their weights.
package struct VersionService {
    private let workspace: Workspace
    private let desired: Workspace.Desired

    /// Makes a service for a repository; its manifests may have errors in data, but not in themselves.
    package init(_ workspace: Workspace) throws {
        self.workspace = workspace
        desired = try workspace.desired()
    }

    /// The store that has the weights.
    package var store: ArtifactStore { workspace.store(desired.project) }

    /// All versions of the checked-out commit, by model and number.
    package func all() throws -> [VersionRecord] {
        guard let commit = desired.commit else { return [] }
        return try PublishedVersions.read(workspace.repository, commit)
            .sorted { ($0.model, $0.number ?? 0) < ($1.model, $1.number ?? 0) }
    }

    /// The version that a reference such as `owner/name:2` means.
    package func find(_ text: String) throws -> VersionRecord {
        let reference = try ModelReference(text, defaultOwner: desired.state.defaultOwner)
        let versions = try all()
        let wanted = reference.pick == .newest ? try wanted() : []
        return try reference.find(among: versions, wanted: wanted)
    }

    /// The fingerprints that the manifests ask for, as far as their data can be read.
    private func wanted() throws -> Set<Fingerprint> {
        let planned = try? PlanService(workspace).plan(at: .present)
        return Set(planned?.plan.items.map(\.fingerprint) ?? [])
    }
}
