//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Git
internal import POSIX
internal import Reconciler
internal import Resources
internal import Runs

extension CompletionKind {
    /// The fine-tunes of the repository that the shell stands in, and its sweeps.
    static var fineTunes: CompletionKind { .custom { _, _, _ in names(fineTunes(of:)) } }

    /// The models of that repository, and their versions.
    static var models: CompletionKind { .custom { _, _, _ in names(models(of:)) } }

    /// What can be compared with each other: versions and fine-tunes, and commits by their references.
    static var comparable: CompletionKind {
        .custom { _, _, _ in names(models(of:)) + names(fineTunes(of:)) + names(references(of:)) }
    }

    /// The branches, tags and remote branches of that repository.
    static var references: CompletionKind { .custom { _, _, _ in names(references(of:)) } }

    /// The labels of its fine-tunes as `label=value`, and as `label=` those that have several values.
    static var labels: CompletionKind { .custom { _, _, _ in names(labels(of:)) } }

    private static func fineTunes(of workspace: Workspace) throws -> [String] {
        let fineTunes = try workspace.read(.present).desired.state.fineTunes
        let sweeps = Set(fineTunes.values.compactMap(\.spec.point?.sweep))
        return sweeps.union(fineTunes.keys).map(\.rawValue)
    }

    private static func models(of workspace: Workspace) throws -> [String] {
        let versions = try VersionService(workspace).all()
        return Set(versions.map(\.model.description)).sorted() + versions.map(\.label)
    }

    private static func references(of workspace: Workspace) throws -> [String] {
        try ["refs/heads/", "refs/tags/", "refs/remotes/"].flatMap { prefix in
            try workspace.repository.references(under: prefix).map(\.name)
                .filter { $0 != GitRepository.ownBranch && !$0.hasSuffix("/HEAD") }
                .map { String($0.dropFirst(prefix.count)) }
        }
    }

    private static func labels(of workspace: Workspace) throws -> [String] {
        let labels = try workspace.read(.present).desired.state.fineTunes.values.flatMap(\.metadata.labels)
        let values = Dictionary(grouping: labels, by: \.key).mapValues { Set($0.map(\.value)) }
        return values.flatMap { label, values in
            values.map { "\(label)=\($0)" } + (values.count > 1 ? ["\(label)="] : [])
        }
    }

    /// Names out of the repository; none where it cannot be read, as a shell has no use for an error there.
    private static func names(_ read: (Workspace) throws -> [String]) -> [String] {
        guard let places = try? Places.current(),
            let workspace = try? Workspace(directory: ".", places: places, now: { Timestamp(seconds: 0) }),
            let names = try? read(workspace)
        else { return [] }
        return names.sorted()
    }
}
