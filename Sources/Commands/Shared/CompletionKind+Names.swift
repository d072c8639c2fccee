//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import POSIX
internal import Reconciler
internal import Resources
internal import Runs

extension CompletionKind {
    /// The fine-tunes of the repository that the shell stands in, and its sweeps.
    static var fineTunes: CompletionKind { .custom { _, _, _ in names(fineTunes(of:)) } }

    /// The models of that repository, and their versions.
    static var models: CompletionKind { .custom { _, _, _ in names(models(of:)) } }

    /// What can be compared with each other: versions, and the fine-tunes.
    static var comparable: CompletionKind { .custom { _, _, _ in names(models(of:)) + names(fineTunes(of:)) } }

    private static func fineTunes(of workspace: Workspace) throws -> [String] {
        let fineTunes = try workspace.read(.present).desired.state.fineTunes
        let sweeps = Set(fineTunes.values.compactMap(\.spec.point?.sweep))
        return sweeps.union(fineTunes.keys).map(\.rawValue)
    }

    private static func models(of workspace: Workspace) throws -> [String] {
        let versions = try VersionService(workspace).all()
        return Set(versions.map(\.model.description)).sorted() + versions.map(\.label)
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
