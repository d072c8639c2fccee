//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Artifacts
internal import Git
internal import Ledger
internal import Planning
package import Resources

/// Finds published versions, and the store that has their weights.
package struct VersionService {
    private let workspace: Workspace
    private let desired: Workspace.Desired

    /// Makes a service for a repository. The commit's manifests say where weights are and what is wanted, so that a
    /// work tree in the midst of an edit is no obstacle.
    package init(_ workspace: Workspace) throws {
        self.workspace = workspace
        desired = try workspace.desired(at: try workspace.repository.head.commit == nil ? .present : .head)
    }

    /// The store that has the weights.
    package var store: ArtifactStore { workspace.store(desired.project) }

    /// The fine-tunes that the commit's manifests have.
    var fineTunes: Set<ResourceName> { Set(desired.state.fineTunes.keys) }

    /// All versions of the checked-out commit, by model and number.
    package func all() throws -> [VersionRecord] {
        guard let commit = desired.commit else { return [] }
        return try PublishedVersions.read(workspace.repository, commit, workspace.records)
            .sorted { ($0.model, $0.number ?? 0) < ($1.model, $1.number ?? 0) }
    }

    /// The versions of a model; none where it was not trained yet, an error where nobody knows it.
    package func all(of text: String) throws -> [VersionRecord] {
        let reference = try ModelReference(text, defaultOwner: desired.state.defaultOwner)
        let all = try all()
        let versions = all.filter { $0.model == reference.model }
        guard reference.pick == .newest, !versions.isEmpty || desired.state.models[reference.model] != nil else {
            return [try reference.find(among: all, wanted: [])]
        }
        return versions
    }

    /// Those of the versions that a selected fine-tune ended with.
    package func select(_ selection: Selection, among versions: [VersionRecord]) throws -> [VersionRecord] {
        guard let names = try selection.names(in: desired.state) else { return versions }
        return versions.filter { $0.fineTunes.contains(where: names.contains) }
    }

    /// The version that a reference such as `owner/name:2` means.
    package func find(_ text: String) throws -> VersionRecord {
        let reference = try ModelReference(text, defaultOwner: desired.state.defaultOwner)
        let versions = try all()
        let wanted = reference.pick == .newest ? try wanted() : []
        return try reference.find(among: versions, wanted: wanted)
    }

    /// What a version's Model says of itself, where the manifests still have it.
    package func description(of version: VersionRecord) -> String? {
        desired.state.models[version.model]?.spec.description
    }

    /// Who may see a version, as its Model says where the manifests still have it.
    package func visibility(of version: VersionRecord) -> Model.Visibility {
        desired.state.models[version.model]?.spec.visibility ?? .private
    }

    /// The licence of a version's base, where the manifests name it.
    package func license(of version: VersionRecord) -> String? {
        desired.state.baseModels[version.inputs.base]?.spec.license
    }

    /// The fingerprints that the manifests ask for, as far as their data can be read.
    private func wanted() throws -> Set<Fingerprint> {
        let planned = try? PlanService(workspace).plan(at: .head)
        return Set(planned?.plan.items.map(\.fingerprint) ?? [])
    }
}
