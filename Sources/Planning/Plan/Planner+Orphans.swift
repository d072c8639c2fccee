//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Resources

extension Planner {
    /// Versions that nothing asks for any more, an item for each model that has some.
    ///
    /// The earlier versions of a fine-tune that still publishes to the model are its history, and no orphans; so are
    /// those of a name that it had when its present version was trained.
    func orphans(wanted: Set<Fingerprint>) -> [PlanItem] {
        guard let declared = inputs.declared else { return [] }
        let versions = inputs.versions
        // Nearly all versions are wanted, so that places are filtered and not records.
        let unclaimed = versions.indices.filter { place in
            !wanted.contains(versions[place].fingerprint)
                && !versions[place].fineTunes.contains { declared[$0] == versions[place].model }
        }
        guard !unclaimed.isEmpty else { return [] }
        let models = Set(declared.values)
        let present = versions.filter { wanted.contains($0.fingerprint) && models.contains($0.model) }
        let names = Dictionary(grouping: present, by: \.model).mapValues { Set($0.flatMap(\.fineTunes)) }
        let orphans = unclaimed.map { versions[$0] }.filter { version in
            names[version.model]?.isDisjoint(with: version.fineTunes) ?? true
        }
        return Dictionary(grouping: orphans, by: \.model).sorted { $0.key < $1.key }.compactMap { _, versions in
            let newest = versions.sorted(by: VersionIndex.isOlder).reversed()
            return newest.first.map { item($0, of: Array(newest)) }
        }
    }

    /// What an orphan asks for is what its record says that it was asked for.
    private func item(_ newest: VersionRecord, of versions: [VersionRecord]) -> PlanItem {
        PlanItem(
            fineTunes: newest.fineTunes,
            request: TrainingRequest(
                fineTune: newest.fineTunes.first ?? ResourceName(rawValue: newest.model.name),
                destination: newest.model,
                backend: newest.backend,
                inputs: newest.inputs,
                tokensPerEpoch: 0
            ),
            fingerprint: newest.fingerprint,
            run: inputs.ledgerRoot.map { RunID.of(newest.fingerprint, ledgerRoot: $0) },
            action: .orphaned(versions)
        )
    }
}
