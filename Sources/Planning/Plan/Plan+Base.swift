//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

extension Plan {
    /// What is to be done here that would not be done anyway by the plans of others.
    ///
    /// `others` are the plans of the commit that this one is to be merged into, and of the one at which they parted:
    /// what both ask for alike is not what this change brings. Versions that nothing asks for count only where a
    /// fine-tune of them was declared there and is not here.
    package func leavingOut(_ others: [Plan], declared: Set<ResourceName>) -> Plan {
        let known = Set(others.flatMap(\.items).map(Asked.init))
        var rest = self
        rest.items = items.filter { item in
            guard case .orphaned(let versions) = item.action else { return !known.contains(Asked(item)) }
            let isOldNews = others.contains { $0.items.contains { $0.isOrphan && $0.destination == item.destination } }
            return !isOldNews && versions.contains { !declared.isDisjoint(with: $0.fineTunes) }
        }
        return rest
    }

    /// What makes two items the same, whatever was known when they were planned.
    private struct Asked: Hashable {
        let fineTunes: [ResourceName]
        let destination: ModelName
        let fingerprint: Fingerprint
        let evaluation: Evaluation?
        let action: String

        init(_ item: PlanItem) {
            fineTunes = item.fineTunes
            destination = item.destination
            fingerprint = item.fingerprint
            evaluation = item.request.evaluation
            action = item.action.word
        }
    }
}

extension PlanItem {
    fileprivate var isOrphan: Bool { if case .orphaned = action { true } else { false } }
}
