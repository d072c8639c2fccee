//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
internal import Git
internal import Manifests
internal import POSIX
package import Planning
internal import Resources

/// What a plan was made from, as it was before it was read: what a note is made of once the plan has nothing to do.
struct RestSight {
    /// The files that were looked at.
    let files: SeenFiles
    /// What git said.
    let git: GitStanding
    /// Where the branch that versions go to was at the remote when they were read.
    let remoteBranch: ObjectID?
}

extension PlanService {
    /// The plan of the work tree where nothing has changed since the last one that had nothing to do; nothing wherever
    /// there is a doubt, and then a whole plan says what is to be said.
    ///
    /// No manifest is decoded for it, no row read, and nothing of versions and runs.
    package func restingPlan() -> RestingPlan? {
        guard workspace.remembers, !workspace.isForStrangers, let top = workspace.repository.workTree,
            let note = RestNotes(workspace.repository, workspace.places)?.recall()
        else { return nil }
        let disk = Background { DiskStanding(top, note.questions) }
        return try? restingPlan(by: note) { disk.value }
    }

    private func restingPlan(by note: RestNote, _ disk: () -> DiskStanding?) throws -> RestingPlan? {
        let git = try GitStanding(workspace.repository, note.settings)
        guard let disk = disk(),
            note.digest == RestNote.digest(git, manifests: RestNote.digest(of: disk.manifests), files: disk.files),
            try workspace.uncommitted(disk.manifests.map(\.path), data: note.data, git.head.commit).isEmpty
        else { return nil }
        // A state folder that cannot be used is an error of any plan.
        _ = try holder()
        let ledger = git.ledger.map { Plan.LedgerSight.seen(tip: $0.hex) } ?? .none
        let origin = Plan.Origin(commit: git.head.commit?.hex, branch: note.settings.branch, ledger: ledger)
        return RestingPlan(origin: origin, fineTunes: note.fineTunes)
    }

    /// Whether a plan is one of all that the work tree asks for, by what is at hand, of which it may be remembered that
    /// there was nothing to do.
    func isWhole(_ revision: Workspace.Revision, _ selection: Selection, _ scope: Sight) -> Bool {
        revision == .present && workspace.repository.workTree != nil && selection == .all
            && !scope.refresh && scope.besides.isEmpty && scope.project == nil
            && workspace.remembers && !workspace.isForStrangers
    }

    /// Remembers a plan of the work tree that has nothing to do, and what it was made from; no other plan, and none of
    /// which something has moved meanwhile.
    package func rememberRest(_ planned: Planned) {
        guard let sight = planned.sight, let resting = RestingPlan(planned.plan),
            let notes = RestNotes(workspace.repository, workspace.places),
            let git = try? GitStanding(workspace.repository, planned.settings), git == sight.git,
            (try? GitSettings(planned.desired.state.project, in: workspace.repository)) == planned.settings,
            git.head.commit == planned.desired.commit, git.remoteBranch == sight.remoteBranch,
            planned.plan.origin.ledger == git.ledger.map({ .seen(tip: $0.hex) }),
            let (questions, files) = sight.files.settledAnswers()
        else { return }
        let manifests = RestNote.digest(of: planned.desired.manifests)
        notes.keep(
            RestNote(
                fineTunes: resting.fineTunes,
                settings: planned.settings,
                data: Set(planned.desired.state.datasets.values.flatMap(\.spec.paths)).sorted(),
                questions: questions,
                digest: RestNote.digest(git, manifests: manifests, files: files)
            )
        )
    }
}

/// What the disk says: the manifests, and the files that a plan looked at.
private struct DiskStanding: Sendable {
    let manifests: [ManifestFile]
    let files: SHA256Digest

    /// Nothing where a manifest cannot be read.
    init?(_ top: String, _ questions: [SeenFiles.Question]) {
        guard let listing = try? RepositoryFiles(origin: .workTree(top)).listing(), listing.unreadable.isEmpty else {
            return nil
        }
        manifests = listing.manifests
        files = SeenFiles.digest(of: questions)
    }
}
