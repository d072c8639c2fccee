//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Git
internal import Ledger
internal import Planning
internal import Resources

extension PlanService {
    /// Plans what merging into a commit would train: the plan here, with the versions that are there, without what that
    /// commit, or the one at which both parted, would do anyway.
    package func plan(
        at revision: Workspace.Revision,
        selection: Selection = .all,
        against base: String,
        refresh: Bool = false
    ) throws -> Planned {
        let repository = workspace.repository
        let tip = try repository.resolve(base)
        var planned = try plan(at: revision, selection: selection, Sight(refresh: refresh, besides: [tip]))
        var commits = [tip]
        if let head = planned.desired.commit, let fork = try repository.mergeBase(head, tip), fork != tip {
            commits.append(fork)
        }
        // What that would do is not shown with its estimates.
        var quick = workspace
        quick.counting.allowance = .nothing
        let service = PlanService(quick)
        let others = try commits.map { try service.plan(at: .named($0.hex)) }
        let declared = Set(others.flatMap(\.desired.state.fineTunes.keys))
        planned.plan = planned.plan.leavingOut(others.map(\.plan), declared: declared)
        planned.plan.origin.base = base
        return planned
    }
}
