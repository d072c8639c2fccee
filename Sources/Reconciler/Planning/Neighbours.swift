//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Manifests
package import Resources

/// The manifests of a folder that a further fine-tune is put beside.
package struct Neighbours {
    private let state: DesiredState
    /// The first manifest, by its path from the top; nothing where there is none.
    package let first: String?

    /// Reads the manifests below a folder, which may be no repository yet.
    ///
    /// - Throws: The errors in them, as what cannot be read may have any name.
    package init(top: String) throws {
        let files = RepositoryFiles(origin: .workTree(top))
        let listing = try files.listing()
        let (manifests, unreadable) = (listing.manifests, listing.unreadable)
        first = manifests.first?.path ?? unreadable.first?.range?.file
        let result = ManifestLoader.load(manifests, unreadable: unreadable)
        state = result.state
        guard !result.hasErrors else {
            throw ReconcilerError(
                .invalid,
                "the manifests that are there have errors: mend them first",
                diagnostics: result.diagnostics.filter { $0.severity == .error }
            )
        }
    }

    /// The base model that most of the fine-tunes come down to, else the smallest; nothing where there is none.
    package var base: ResourceName? {
        var uses: [ResourceName: Int] = [:]
        for base in state.fineTunes.values.compactMap(state.root(of:)) { uses[base.name, default: 0] += 1 }
        let ordered = state.baseModels.values.map { base in
            (-uses[base.name, default: 0], base.spec.parameters ?? .infinity, base.name)
        }
        return ordered.min { $0 < $1 }?.2
    }

    /// Refuses a name that a resource of those which are made for rows has already.
    package func checkRoom(for name: ResourceName) throws {
        let model = ModelName(owner: state.defaultOwner, name: name.rawValue)
        let taken: [(what: String, range: SourceRange?)] = [
            ("dataset", state.datasets[name]?.range), ("template", state.templates[name]?.range),
            ("hyperparameter profile", state.hyperparameters[name]?.range),
            ("fine-tune", state.fineTune(named: name)?.range), ("base model", state.baseModels[name]?.range),
            ("model", state.models[model]?.range),
        ]
        guard let clash = taken.first(where: { $0.range != nil }), let range = clash.range else { return }
        throw ReconcilerError(
            .unknownName,
            "there is a \(clash.what) \(name) already (\(range.file):\(range.start.line)); "
                + "give the new resources another name with --name"
        )
    }
}
