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
        let (left, kept) = (Set(items.flatMap(\.said)), Set(rest.items.flatMap(\.said)))
        rest.warnings.removeAll { left.contains(Said($0)) && !kept.contains(Said($0)) }
        return rest
    }

    /// Fine-tunes of this plan for which the commit that it is to be merged into asks for something else than the one at
    /// which both parted, so that only the merge tells what it trains.
    package func movedMeanwhile(fork: Plan, tip: Plan) -> [(fineTune: ResourceName, range: SourceRange?)] {
        let (before, after) = (fork.asked, tip.asked)
        return items.flatMap { item in
            item.fineTunes.filter { before[$0] != after[$0] }.map { ($0, item.request.range) }
        }
    }

    private var asked: [ResourceName: Fingerprint] {
        items.filter { !$0.isOrphan }.reduce(into: [:]) { asked, item in
            for name in item.fineTunes { asked[name] = item.fingerprint }
        }
    }

    /// What tells a finding, with the line that it is about or without.
    fileprivate struct Said: Hashable {
        let id: Diagnostic.ID
        let message: String
        let range: SourceRange?

        init(_ finding: Diagnostic) { (id, message, range) = (finding.id, finding.message, finding.range) }
    }

    /// What makes two items the same, whatever was known and trained when they were planned.
    private struct Asked: Hashable {
        let fineTunes: [ResourceName]
        let destination: ModelName
        let fingerprint: Fingerprint
        let evaluation: Evaluation?
        let stop: [String]
        let block: Action.Block.Kind?

        init(_ item: PlanItem) {
            fineTunes = item.fineTunes
            destination = item.destination
            fingerprint = item.fingerprint
            evaluation = item.request.evaluation
            stop = item.request.inputs.stop
            block = if case .blocked(let block) = item.action { block.kind } else { nil }
        }
    }
}

extension PlanItem {
    fileprivate var said: [Plan.Said] { findings.map(Plan.Said.init) }

    fileprivate var isOrphan: Bool { if case .orphaned = action { true } else { false } }
}
