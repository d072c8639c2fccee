//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

// What Project's policies, and the budgets, say against a training.

extension Planner {
    /// The first policy that a request breaks.
    func policy(_ request: TrainingRequest) -> Action.Block? {
        guard let policies = inputs.project?.spec.policies else { return nil }
        let base = request.inputs.base
        if let bases = policies.bases, !bases.contains(where: { $0.matches(base.rawValue) }) {
            let allowed = bases.map(\.text).joined(separator: ", ")
            return block(.policy, "base model \(base) is none of those allowed: \(allowed)", at: "policies.bases")
        }
        if let licenses = policies.licenses, !licenses.contains(request.terms.license ?? "") {
            let has = request.terms.license.map { "has the licence \($0)" } ?? "names no licence"
            let allowed = licenses.joined(separator: ", ")
            return block(.policy, "base model \(base) \(has); allowed are \(allowed)", at: "policies.licenses")
        }
        if policies.requiresPins, let loose = request.terms.unpinned.first {
            return block(.policy, "\(loose) is not pinned", at: "policies.pinned")
        }
        if policies.requiresValidation, request.inputs.validationRows == 0 {
            let advice = "give dataset \(request.inputs.dataset) `validation`"
            return block(.policy, "it has no validation rows; \(advice)", at: "policies.validation")
        }
        return nil
    }

    /// The first limit of its own or of Project's `per_run` that an item goes over; one that cannot be checked is taken
    /// for that.
    func budget(_ item: PlanItem) -> Action.Block? {
        let terms = item.request.terms
        let own = { (field: String) in terms.fields["spec.budget.\(field)"] ?? item.request.range }
        if let limit = terms.budget?.maxTime, let block = Self.over(limit, item, at: own("max_time")) { return block }
        if let limit = terms.budget?.maxCost, let block = over(limit, item, at: own("max_cost")) { return block }
        return inputs.project?.spec.spending.perRun.flatMap { over($0, item, at: place("budget.per_run")) }
    }

    /// Takes what an item costs from the month's budget; says why where that does not fit, or cannot be known.
    func month(_ item: PlanItem, _ month: inout MonthBudget?) -> Action.Block? {
        guard month != nil else { return nil }
        guard let cost = item.estimate?.cost else {
            return Action.Block(kind: .budget, reason: Self.unknownCost(item), range: place("budget.per_month"))
        }
        let left = month
        guard month?.take(cost) == false else { return nil }
        return left?.block(cost, at: place("budget.per_month"))
    }

    private static func over(_ limit: Duration, _ item: PlanItem, at range: SourceRange?) -> Action.Block? {
        guard let seconds = item.estimate?.seconds else {
            return Action.Block(kind: .budget, reason: "its time is not known; \(rate(item))", range: range)
        }
        guard seconds > Double(limit.components.seconds) else { return nil }
        let reason = "it takes \(words(seconds)), more than the \(words(Double(limit.components.seconds))) allowed"
        return Action.Block(kind: .budget, reason: reason, range: range)
    }

    /// A time as manifests write it, rounded up to whole seconds.
    private static func words(_ seconds: Double) -> String {
        let whole = Int(min(seconds.rounded(.up), 1e12))
        let parts = [(whole / 3600, "h"), (whole / 60 % 60, "m"), (whole % 60, "s")].filter { $0.0 > 0 }
        return parts.isEmpty ? "0s" : parts.map { "\($0.0)\($0.1)" }.joined(separator: " ")
    }

    private func over(_ limit: Money, _ item: PlanItem, at range: SourceRange?) -> Action.Block? {
        guard let cost = item.estimate?.cost else {
            return Action.Block(kind: .budget, reason: Self.unknownCost(item), range: range)
        }
        let spent = inputs.ledger[item.fingerprint]?.attempts.compactMap(\.cost).reduce(.zero, +) ?? .zero
        guard spent + cost > limit else { return nil }
        let before = spent > .zero ? ", after $\(spent.cents) of earlier attempts" : ""
        let reason = "it costs $\(cost.cents)\(before), more than the $\(limit.cents) allowed"
        return Action.Block(kind: .budget, reason: reason, range: range)
    }

    private static func unknownCost(_ item: PlanItem) -> String {
        let figure =
            item.estimate?.seconds == nil
            ? rate(item)
            : "say `backends: {node: {price_per_gpu_hour: …}}` in Project; 0 where it costs nothing"
        return "its cost is not known; \(figure)"
    }

    private static func rate(_ item: PlanItem) -> String {
        "say `node: {hardware: {tokens_per_second: …}}` of base model \(item.request.inputs.base)"
    }

    private func place(_ field: String) -> SourceRange? {
        inputs.project?.fields["spec.\(field)"] ?? inputs.project?.range
    }

    private func block(_ kind: Action.Block.Kind, _ reason: String, at field: String) -> Action.Block {
        Action.Block(kind: kind, reason: reason, range: place(field))
    }
}

extension MonthBudget {
    /// Why a run of this cost does not fit.
    package func block(_ cost: Money, at range: SourceRange?) -> Action.Block {
        let reason = "it costs $\(cost.cents), and of the month's $\(limit.cents) are $\(taken.cents) taken"
        return Action.Block(kind: .budget, reason: reason, range: range)
    }
}

extension Money {
    /// The amount with two places, rounded up, so that nothing looks smaller than it is.
    fileprivate var cents: String {
        let (whole, rest) = micros.quotientAndRemainder(dividingBy: 10_000)
        return Money(micros: (whole + (rest > 0 ? 1 : 0)) * 10_000).decimal
    }
}
