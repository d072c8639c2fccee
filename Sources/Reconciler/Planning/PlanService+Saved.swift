//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Planning
package import Reports
internal import Resources

extension PlanService {
    /// Plans what a saved plan says, and no more; refused where it would come out differently now.
    package func plan(saved: SavedPlan) throws -> Planned {
        guard !saved.isUntrusted else {
            throw ReconcilerError(.invalid, "the plan is of a stranger's change (--untrusted): plan again without that")
        }
        let desired = try workspace.desired(at: .head)
        let names = saved.fineTunes.map(ResourceName.init(rawValue:)).filter { desired.state.fineTunes[$0] != nil }
        let selection = Selection(targets: names.map(\.rawValue))
        var sight = Sight()
        sight.trainsHere = true
        var planned = try plan(at: .head, selection: names.isEmpty ? .all : selection, sight)
        planned.plan = try saved.restricting(planned.plan)
        return planned
    }

    /// The plan as a file; the remote is told by its name, as its address may hold a password.
    package func saved(_ planned: Planned) throws -> SavedPlan {
        try SavedPlan(planned.plan, remote: planned.settings.remote)
    }
}
