//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Planning
internal import Reports
internal import Resources

/// What is worth knowing about a training that is asked for, whatever is in its rows.
struct TrainingWarnings {
    private let item: PlanItem
    private let estimator: Estimator
    private let state: DesiredState

    /// From so many rows on a first training is worth a try on fewer.
    private static let manyRows = 5000
    /// The rows of that try.
    private static let fewRows = 1000
    /// Learning rates that are usual for LoRA, and for all weights.
    private static let usual = (adapter: 1e-5...5e-3, whole: 1e-6...2e-4)

    /// The largest rank that vLLM takes as its `max_lora_rank`.
    private static let servedRank = 512

    /// The rank that the adapter will have: a fine-tune of a fine-tune has that of both.
    private let rank: Int

    init(_ item: PlanItem, _ estimator: Estimator, _ state: DesiredState, rank: Int) {
        self.item = item
        self.rank = rank
        self.estimator = estimator
        self.state = state
    }

    /// The findings, each at its line of the manifests; one about a first training where it is wanted, as the points of a
    /// sweep share its line.
    func findings(withFirst: Bool) -> [Diagnostic] {
        [learningRate, largeAdapter, withFirst ? firstTraining : nil].compactMap { $0 }
    }

    private var fineTune: Located<FineTune>? { state.fineTunes[item.request.fineTune] }

    private var learningRate: Diagnostic? {
        let isWhole = item.request.inputs.trainsAllWeights
        let usual = isWhole ? Self.usual.whole : Self.usual.adapter
        guard case .number(let rate) = item.request.inputs.parameters["learning_rate"], !usual.contains(rate) else {
            return nil
        }
        let (method, range) = isWhole ? ("all weights", "1e-6 to 2e-4") : ("LoRA", "1e-5 to 5e-3")
        return Diagnostic(
            "unusual-learning-rate",
            "a learning rate of \(HyperparameterValue.number(rate).text) is unusual for \(method): \(range) are usual",
            severity: .warning,
            range: place(of: "learning_rate")
        )
    }

    private var largeAdapter: Diagnostic? {
        guard rank > Self.servedRank else { return nil }
        return Diagnostic(
            "large-adapter",
            "its adapter has rank \(rank), and vLLM serves none over \(Self.servedRank); `ftops export --merge` makes a "
                + "model of it that can be served",
            severity: .warning,
            range: place(of: "lora_rank")
        )
    }

    /// Where a hyperparameter is set, else the fine-tune.
    private func place(of parameter: String) -> SourceRange? {
        let profile = fineTune?.spec.profile.flatMap { state.hyperparameters[$0] }
        return fineTune?.fields["spec.hyperparameters.\(parameter)"] ?? profile?.fields["spec.\(parameter)"]
            ?? item.request.range
    }

    private var firstTraining: Diagnostic? {
        let rows = item.request.inputs.trainRows
        guard case .create = item.action, rows > Self.manyRows else { return nil }
        let few = estimator.estimate(item.request.limited(to: Self.fewRows))
        // Where the number of steps is set, fewer rows take no less.
        if let all = item.estimate?.seconds, let some = few.seconds, some > all / 2 { return nil }
        let whole = item.estimate.flatMap(Self.takes).map { " takes \($0)" } ?? ""
        let part = Self.takes(few).map { "`limit: \(Self.fewRows)` would take \($0)" }
        let message = "a first training on \(Figures.count(rows)) rows\(whole)"
        return Diagnostic(
            "large-first-training",
            message + (part.map { "; \($0)" } ?? " is much at once: try `limit: \(Self.fewRows)`"),
            severity: .warning,
            range: fineTune?.fields["spec.dataset"] ?? item.request.range
        )
    }

    /// Such as `9 min, $3`; nothing where no time is known.
    private static func takes(_ estimate: Estimate) -> String? {
        guard let seconds = estimate.seconds, seconds < 1e9 else { return nil }
        let minutes = max(1, Int((seconds / 60).rounded()))
        let time = minutes < 180 ? "\(minutes) min" : "\(Figures.count((minutes + 30) / 60)) h"
        return time + (estimate.cost.map { ", \(dollars($0))" } ?? "")
    }

    private static func dollars(_ cost: Money) -> String {
        let whole = Int((cost.micros + 500_000) / 1_000_000)
        return cost.micros < 1_000_000 ? Figures.money(cost) : "$" + Figures.count(whole)
    }
}

extension TrainingRequest {
    /// The request with so few rows, of which as great a share validates.
    fileprivate func limited(to rows: Int) -> TrainingRequest {
        var fewer = self
        let all = max(1, inputs.trainRows)
        fewer.inputs.trainRows = rows
        fewer.tokensPerEpoch = Int(Double(counted?.tokens ?? tokensPerEpoch) / Double(all) * Double(rows))
        (fewer.lengths, fewer.counted) = (nil, nil)
        return fewer
    }
}
