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

/// Compares two versions, or what two commits ask for.
package struct DiffService {
    private let workspace: Workspace

    /// Makes a service for a repository.
    package init(_ workspace: Workspace) { self.workspace = workspace }

    /// Compares what two names mean: two versions, or two commits.
    package func compare(_ old: String, _ new: String) throws -> [Comparison] {
        let versions = try? VersionService(workspace)
        let found = (try? versions?.find(old), try? versions?.find(new))
        if case (let before?, let after?) = found { return [try compare(before, after)] }
        let commits = [old, new].map { try? workspace.repository.resolve($0) }
        guard commits[0] != nil, commits[1] != nil else {
            // What it is that could not be found is best said by whoever looks for it.
            let missing = commits[0] == nil && found.0 == nil ? old : new
            if missing.contains("/"), let versions { _ = try versions.find(missing) }
            _ = try workspace.repository.resolve(missing)
            throw ReconcilerError(.unknownName, "\(old) and \(new) are a version and a commit: compare two of a kind")
        }
        return try compareCommits(old, new)
    }

    private func compare(_ old: VersionRecord, _ new: VersionRecord) throws -> Comparison {
        let store = try VersionService(workspace).store
        let digests = [old, new].map { version in
            version.inputs.rowDigests.flatMap { try? store.read($0) }
                .flatMap { try? RowDigests(text: String(decoding: $0, as: UTF8.self)) }
        }
        var rows: RowDifference?
        if let before = digests[0], let after = digests[1] { rows = after.difference(from: before) }
        return Comparison(
            name: new.model.description,
            old: "\(old.label) (\(old.id.short))",
            new: "\(new.label) (\(new.id.short))",
            fields: FieldChange.all(from: FieldChange.Side(old), to: FieldChange.Side(new)),
            rows: rows,
            metrics: VersionMetrics.between(old, new)
        )
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
            let digests = try (RowDigests(fineTune.data.rowDigests()), RowDigests(after.data.rowDigests()))
            comparison.rows = digests.1.difference(from: digests.0)
        }
        return comparison
    }
}
