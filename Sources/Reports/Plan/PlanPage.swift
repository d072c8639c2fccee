//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
internal import Planning
internal import Resources

/// What people are shown of a plan, be it made now or read from a file.
struct PlanPage {
    /// An item of which there is something to say.
    struct Item {
        let word: String
        /// What stands in brackets behind the action: what blocks it, or the rows that came and went.
        let note: String?
        let names: [String]
        let destination: String
        let fields: [PlanFields.Field]
    }

    let commit: String?
    let branch: String?
    /// The commit of which is left out what it would do anyway.
    let base: String?
    /// Whether it was made of a change that nobody vouches for.
    let isUntrusted: Bool
    /// Why the ledger was not seen.
    let ledgerProblem: String?
    let uncommitted: [String]
    let items: [Item]
    /// How many items are up-to-date.
    let current: Int
    /// The plan in a sentence or two.
    let sentences: [String]
}

// MARK: - A plan

extension PlanPage {
    init(_ plan: Plan) {
        let items = plan.items.filter { $0.action.word != Self.current }.map(Item.init)
        self.init(plan.origin, items, current: plan.items.count - items.count, PlanSummary.sentence(plan))
    }

    /// The page of a plan of which nothing is shown but how much there is.
    init(_ plan: RestingPlan) {
        self.init(plan.origin, [], current: plan.fineTunes, [PlanSummary.upToDate(plan.fineTunes)])
    }

    private init(_ origin: Plan.Origin, _ items: [Item], current: Int, _ sentences: [String]) {
        (commit, branch, base, uncommitted) = (origin.commit, origin.branch, origin.base, origin.uncommitted)
        isUntrusted = origin.isUntrusted
        ledgerProblem = if case .notSeen(let reason) = origin.ledger { reason } else { nil }
        (self.items, self.current, self.sentences) = (items, current, sentences)
    }

    private static let current = "up-to-date"
}

extension PlanPage.Item {
    init(_ item: PlanItem) {
        word = item.action.word
        note =
            if case .blocked(let block) = item.action { block.kind.rawValue } else {
                item.rowDifference.flatMap(PlanFields.rows)
            }
        names = item.fineTunes.map(\.rawValue)
        destination = item.destination.description
        fields = PlanFields.all(item)
    }
}

// MARK: - A file

extension PlanPage {
    /// The page of a document that `PlanJSON` made.
    init(_ document: JSONValue) {
        (commit, branch, base) = (document["commit"]?.string, document["branch"]?.string, document["base"]?.string)
        isUntrusted = document["untrusted"]?.bool ?? false
        ledgerProblem = document["ledger"]?["reason"]?.string
        uncommitted = (document["uncommitted"]?.array ?? []).compactMap(\.string)
        let all = document["items"]?.array ?? []
        items = all.map(Item.init).filter { $0.word != Self.current }
        current = all.count - items.count
        sentences = (document["sentences"]?.array ?? []).compactMap(\.string)
    }
}

extension PlanPage.Item {
    init(_ item: JSONValue) {
        word = item["action"]?.string ?? ""
        let rows = item["rows"].flatMap { rows -> RowDifference? in
            guard let added = rows["added"]?.int, let removed = rows["removed"]?.int else { return nil }
            return RowDifference(added: added, removed: removed)
        }
        let kind = word == "blocked" ? item["blocked"]?["kind"]?.string : nil
        note = kind ?? rows.flatMap(PlanFields.rows)
        names = (item["fine_tunes"]?.array ?? []).compactMap(\.string)
        destination = item["destination"]?.string ?? ""
        fields = (item["details"]?.array ?? []).map { detail in
            PlanFields.Field(detail["field"]?.string ?? "", detail["text"]?.string ?? "")
        }
    }
}
