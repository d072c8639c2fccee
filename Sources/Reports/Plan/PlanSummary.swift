//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Planning
internal import Resources

/// A plan in a sentence or two.
enum PlanSummary {
    /// What is to be done, then what all trainings take, where there are several and all is known.
    static func sentence(_ plan: Plan) -> [String] {
        if plan.items.isEmpty, !plan.unplanned.isEmpty { return unplanned(plan) }
        return planned(plan) + unplanned(plan)
    }

    /// What is not planned, so that nobody takes it for up-to-date.
    private static func unplanned(_ plan: Plan) -> [String] {
        guard !plan.unplanned.isEmpty else { return [] }
        let more = plan.unplanned.count - shown
        let names = plan.unplanned.prefix(shown).map(\.rawValue).joined(separator: ", ")
        return ["Not planned: \(names)\(more > 0 ? " and \(more) more" : ""). The warnings say why."]
    }

    /// What a plan of a stranger's change is made of.
    static let untrusted = "planned for a stranger: only the commit and what is in the cache were read"

    /// Names that a sentence has at most.
    private static let shown = 5

    private static func planned(_ plan: Plan) -> [String] {
        if plan.items.isEmpty {
            let reason = plan.origin.base.map { "\($0) asks for all of it" } ?? "no fine-tune asks for anything"
            return ["Nothing to do: \(TerminalText.line(reason))."]
        }
        if plan.items.allSatisfy({ $0.action.word == "up-to-date" }) {
            return [upToDate(plan.items.reduce(0) { $0 + $1.fineTunes.count })]
        }
        return ["Plan: " + counts(Dictionary(grouping: plan.items, by: \.action.word).mapValues(\.count)) + "."]
            + total(plan)
    }

    /// That all of so many fine-tunes are trained.
    static func upToDate(_ count: Int) -> String {
        "Nothing to do: \(count == 1 ? "the fine-tune is" : "all \(count) fine-tunes are") up-to-date."
    }

    /// The counts of actions by their words.
    static func counts(_ counts: [String: Int]) -> String {
        func count(_ word: String) -> Int { counts[word] ?? 0 }
        var parts = [
            "\(count("create") + count("update")) to train", "\(count("reuse")) to reuse",
            "\(count("evaluate")) to evaluate", "\(count("up-to-date")) up-to-date",
        ]
        let others = ["configure", "in-progress", "unknown", "failed", "drifted", "orphaned", "blocked"]
        for word in others where count(word) > 0 {
            parts.append("\(count(word)) \(word == "configure" ? "to configure" : word)")
        }
        return parts.joined(separator: ", ")
    }

    /// Time and cost of all trainings, one after another.
    private static func total(_ plan: Plan) -> [String] {
        let estimates = plan.items.filter(\.action.isTraining).map(\.estimate)
        let seconds = estimates.compactMap { $0?.seconds }
        guard estimates.count > 1, seconds.count == estimates.count else { return [] }
        let costs = estimates.compactMap { $0?.cost }
        let cost = costs.count == estimates.count ? ", \(Figures.money(costs.reduce(.zero, +)))" : ""
        return ["All trainings: \(Figures.roughDuration(seconds.reduce(0, +)))\(cost)"]
    }
}
