//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Artifacts
internal import Datasets
internal import Git
internal import Planning
package import Reports
internal import Resources

/// Compares two versions or what fine-tunes ask for now, or what two commits ask for.
package struct DiffService {
    let workspace: Workspace

    /// Makes a service for a repository.
    package init(_ workspace: Workspace) { self.workspace = workspace }

    /// Compares what two names mean: versions and fine-tunes, or two commits.
    package func compare(_ old: String, _ new: String) throws -> [Comparison] {
        let sides = DiffSides(workspace, [old, new])
        if case (let before?, let after?) = (sides.named[0], sides.named[1]),
            !sides.areCommits || before.isVersion && after.isVersion
        {
            return [try compare(before, after)]
        }
        guard sides.areCommits else { throw sides.refusal() }
        return try compareCommits(old, new)
    }

    private func compare(_ old: DiffSides.Named, _ new: DiffSides.Named) throws -> Comparison {
        let (before, after) = (try side(old), try side(new))
        var comparison = Comparison(
            name: after.name,
            old: before.label,
            new: after.label,
            fields: FieldChange.all(from: before.fields, to: after.fields)
        )
        if let earlier = before.rows, let later = after.rows { comparison.rows = try? later.difference(from: earlier) }
        if case (.version(let before), .version(let after)) = (old, new) {
            comparison.metrics = VersionMetrics.between(before, after)
        }
        return comparison
    }

    private typealias Side = (name: String, label: String, fields: FieldChange.Side, rows: ComparedRows?)

    private func side(_ named: DiffSides.Named) throws -> Side {
        switch named {
        case .version(let version):
            let store = try VersionService(workspace).store
            let rows = version.inputs.rowDigests.map { ComparedRows.stored(store, $0) }
            let label = "\(version.label) (\(version.id.short))"
            return (version.model.description, label, FieldChange.Side(version), rows)
        case .fineTune(let name):
            guard let fineTune = try PlanService(workspace).resolve(at: .present, only: [name])[name] else {
                throw ReconcilerError(.unknownName, "there is no fine-tune `\(name)`")
            }
            let fields = FieldChange.Side(fineTune.request.inputs)
            return (name.rawValue, "\(name) (now)", fields, .rendered(try fineTune.data.rowDigests()))
        }
    }

    private func compareCommits(_ old: String, _ new: String) throws -> [Comparison] {
        let service = PlanService(workspace)
        let before = try service.resolve(at: .named(old))
        let after = try service.resolve(at: .named(new))
        return try Set(before.keys).union(after.keys).sorted().map { name in
            try compare(name, (old, before[name]), (new, after[name]))
        }
    }

    private func compare(
        _ name: ResourceName,
        _ old: (name: String, fineTune: ResolvedFineTune?),
        _ new: (name: String, fineTune: ResolvedFineTune?)
    ) throws -> Comparison {
        var comparison = Comparison(
            name: name.rawValue,
            old: old.fineTune.map { _ in old.name },
            new: new.fineTune.map { _ in new.name },
            fields: []
        )
        guard let after = new.fineTune else { return comparison }
        let before = old.fineTune?.request.inputs
        comparison.fields = FieldChange.all(
            from: before.map { FieldChange.Side($0) },
            to: FieldChange.Side(after.request.inputs)
        )
        if let fineTune = old.fineTune, before?.train != after.request.inputs.train {
            let (old, new) = try (fineTune.data.rowDigests(), after.data.rowDigests())
            comparison.rows = try ComparedRows.rendered(new).difference(from: .rendered(old))
        }
        return comparison
    }
}
