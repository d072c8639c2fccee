//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Artifacts
internal import Downloads
package import Git
internal import Ledger
internal import Planning
internal import Resources

extension PlanService {
    /// What a plan looks at besides the commit.
    package struct Sight {
        /// Whether sources and stores are asked too.
        package var refresh: Bool
        /// Whether what a store lost is trained again.
        package var replace: Bool
        /// Commits of which the versions count as well.
        package var besides: [ObjectID]
        /// Whether what is planned is trained by this machine, whose memory then counts.
        package var trainsHere = false
        /// Whose Project counts; nothing where that goes without saying.
        var project: ProjectRule?

        /// Makes a description of what to look at.
        package init(refresh: Bool = false, replace: Bool = false, besides: [ObjectID] = []) {
            self.refresh = refresh || replace
            self.replace = replace
            self.besides = besides
        }
    }

    /// What the store has lost of a version; `tell` is told once where it cannot be asked, and then it counts as whole.
    ///
    /// A store that Project names is everybody's. Without one each machine has its own, and there only what this machine
    /// trained is to be expected.
    func loss(
        _ desired: Workspace.Desired,
        _ ledger: LedgerSnapshot?,
        me: HolderID?,
        tell: @escaping (Diagnostic) -> Void
    ) -> (VersionRecord) -> String? {
        let store = workspace.store(desired.project)
        let isShared = desired.project.artifactStore != nil
        let range = desired.state.project?.fields["spec.artifacts.store"]
        var isAway = false
        var known: [VersionID: String?] = [:]
        return { version in
            guard isShared || me != nil && ledger?.entries[version.fingerprint]?.holder.id == me else { return nil }
            if let found = known[version.id] { return found }
            guard !isAway else { return nil }
            do {
                let loss = try Self.loss(of: version, from: store)
                known[version.id] = .some(loss)
                return loss
            } catch {
                isAway = true
                tell(Diagnostic("store-unreachable", "\(error)", severity: .warning, range: range))
                return nil
            }
        }
    }

    private static func loss(of version: VersionRecord, from store: ArtifactStore) throws -> String? {
        let missing = try version.weights.filter { try !store.has($0.sha256) }
        guard let first = missing.first else { return nil }
        let more = missing.count - 1
        let others = more == 0 ? "" : " and \(more) more file\(more == 1 ? "" : "s")"
        return "\(store.location) lacks \(first.name)\(others)"
    }

    /// Sources whose upstream is no longer what their pin says, or does not answer, by dataset; nothing is written.
    func upstream(
        _ desired: Workspace.Desired,
        of fineTunes: Set<ResourceName>?
    ) -> [ResourceName: [Diagnostic]] {
        let used = desired.state.fineTunes.values.filter { fineTunes?.contains($0.name) ?? true }.map(\.spec.dataset)
        let datasets = Set(used).sorted().compactMap { desired.state.datasets[$0] }
        let found = datasets.map { dataset in (dataset.name, dataset.spec.pins.compactMap { moved($0, dataset) }) }
        return Dictionary(found) { first, _ in first }
    }

    private func moved(_ pin: Dataset.Pin, _ dataset: Located<Dataset>) -> Diagnostic? {
        let range = dataset.fields[pin.field] ?? dataset.range
        do {
            let found = try workspace.fetcher.current(pin.source).digest
            guard found != pin.digest else { return nil }
            return Diagnostic(
                "upstream-moved",
                "\(pin.source) has moved: pinned \(pin.digest.short), now \(found.short)",
                severity: .warning,
                range: range,
                notes: ["ftops data update \(dataset.name) writes the new pin"]
            )
        } catch {
            return Diagnostic("upstream-unreachable", error.message, severity: .warning, range: range)
        }
    }
}

extension Dataset {
    /// A source elsewhere with the digest that the manifest pins.
    struct Pin {
        let source: RemoteSource
        let digest: ContentDigest
        let field: String
    }

    /// Its pinned sources that lie elsewhere.
    var pins: [Pin] {
        var found: [Pin] = []
        if case .remote(let remote) = source, let sha256 {
            found.append(Pin(source: remote, digest: sha256, field: "spec.sha256"))
        }
        if case .source(.remote(let remote), let pin?) = validation {
            found.append(Pin(source: remote, digest: pin, field: "spec.validation.sha256"))
        }
        return found
    }
}
