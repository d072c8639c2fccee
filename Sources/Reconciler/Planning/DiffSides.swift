//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Git
internal import Resources

/// What the two names of a comparison can mean.
struct DiffSides {
    /// What a name other than a commit's means.
    enum Named {
        /// A published version.
        case version(VersionRecord)
        /// What a fine-tune asks for now.
        case fineTune(ResourceName)

        var isVersion: Bool {
            if case .version = self { true } else { false }
        }
    }

    /// What each means besides a commit; nothing where it is none of that.
    let named: [Named?]
    private let isCommit: [Bool]
    private let texts: [String]
    private let fineTunes: Set<ResourceName>
    private let sweeps: Set<ResourceName>
    private let versions: VersionService?

    init(_ workspace: Workspace, _ texts: [String]) {
        let state = (try? workspace.read(.present))?.desired.state
        let fineTunes = Set(state?.fineTunes.keys.map { $0 } ?? [])
        let versions = try? VersionService(workspace)
        self.texts = texts
        self.fineTunes = fineTunes
        self.versions = versions
        sweeps = Set(state?.fineTunes.values.compactMap(\.spec.point?.sweep) ?? [])
        isCommit = texts.map { (try? workspace.repository.resolve($0)) != nil }
        named = texts.map { text in
            let name = ResourceName(rawValue: text)
            if fineTunes.contains(name) { return .fineTune(name) }
            return (try? versions?.find(text)).map { .version($0) }
        }
    }

    /// Whether both are commits.
    var areCommits: Bool { isCommit.allSatisfy { $0 } }

    /// Why they cannot be compared, and what can.
    func refusal() -> any Error {
        let known = texts.indices.map { isCommit[$0] || named[$0] != nil }
        guard let missing = known.firstIndex(of: false) else {
            let (commit, other) = isCommit[0] ? (texts[0], texts[1]) : (texts[1], texts[0])
            return ReconcilerError(
                .unknownName,
                "\(commit) is a commit, and \(other) is none: compare two commits, or versions and fine-tunes"
            )
        }
        let text = texts[missing]
        if sweeps.contains(ResourceName(rawValue: text)) {
            let points = fineTunes.filter { SweepPoint($0)?.sweep.rawValue == text }.sorted()
            let first = points.first.map { ", such as '\($0)'" } ?? ""
            return ReconcilerError(.unknownName, "\(text) is a sweep: name one of its points\(first)")
        }
        // What it is of a model that could not be found is best said by who looks for it.
        if text.contains(where: { "/:@".contains($0) }), let versions {
            do { _ = try versions.find(text) } catch { return error }
        }
        let meant = Suggestion.nearest(text, among: fineTunes.map(\.rawValue)).map { ": did you mean \($0)?" }
        let forms = "; compare commits, or versions (owner/name:n) and fine-tunes"
        return ReconcilerError(.unknownName, "`\(text)` is no commit, version or fine-tune\(meant ?? forms)")
    }
}
