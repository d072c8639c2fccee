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
        var sight = Sight()
        if workspace.isForStrangers {
            sight.project = .of(base: base, try workspace.desired(at: .named(tip.hex)).state.project)
        }
        var own = sight
        (own.refresh, own.besides) = (refresh, [tip])
        var planned = try plan(at: revision, selection: selection, own)
        // What that would do is not shown with its estimates.
        var quick = workspace
        quick.counting.allowance = .nothing
        let service = PlanService(quick)
        let fork = try planned.desired.commit.flatMap { try repository.mergeBase($0, tip) }
        let there = try service.plan(at: .named(tip.hex), sight)
        let before = try fork.map { $0 == tip ? there : try service.plan(at: .named($0.hex), sight) }
        let others = [there] + (before.map { [$0] } ?? [])
        let declared = Set(others.flatMap(\.desired.state.fineTunes.keys))
        planned.plan = planned.plan.leavingOut(others.map(\.plan), declared: declared)
        planned.plan.origin.base = base
        planned.plan.warnings += meanwhile(planned.plan, base, fork: before?.plan, tip: there.plan)
        return planned
    }

    private func meanwhile(_ plan: Plan, _ base: String, fork: Plan?, tip: Plan) -> [Diagnostic] {
        guard let fork else {
            let message = "\(base) and what is planned have no commit in common"
            return [Diagnostic("base-unrelated", message, severity: .warning, range: nil)]
        }
        return plan.movedMeanwhile(fork: fork, tip: tip).map { name, range in
            Diagnostic(
                "base-moved",
                "\(base) asks for something else of \(name) by now than where this began; merge \(base) here to see "
                    + "what merging trains",
                severity: .warning,
                range: range
            )
        }
    }
}
