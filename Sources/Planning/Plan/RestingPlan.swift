//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// The plan of a repository in which everything is trained and there is nothing else to say: all that is to be known of
/// it is how much that is.
package struct RestingPlan: Hashable, Sendable {
    /// Where the desired state was read.
    package let origin: Plan.Origin
    /// How many fine-tunes are up-to-date.
    package let fineTunes: Int

    /// Makes a plan of what is known already.
    package init(origin: Plan.Origin, fineTunes: Int) { (self.origin, self.fineTunes) = (origin, fineTunes) }

    /// A plan that has nothing but what is up-to-date; nothing of any other, or where the ledger was not seen.
    package init?(_ plan: Plan) {
        let origin = plan.origin
        guard case .seen = origin.ledger, origin.uncommitted.isEmpty, origin.base == nil, !origin.isUntrusted,
            plan.warnings.isEmpty, plan.unplanned.isEmpty, !plan.items.isEmpty,
            plan.items.allSatisfy({ $0.isCurrent && $0.findings.isEmpty })
        else { return nil }
        self.init(origin: origin, fineTunes: plan.items.reduce(0) { $0 + $1.fineTunes.count })
    }
}

extension PlanItem {
    fileprivate var isCurrent: Bool { if case .upToDate = action { true } else { false } }
}
