//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Datasets
internal import Planning
internal import Resources

/// What is worth knowing about the items of a plan before money is spent on them, and how long their rows are.
struct ItemFindings {
    let state: DesiredState
    let inspection: DataInspection
    let fineTunes: [ResourceName: ResolvedFineTune]
    /// The point of each sweep that speaks for all of them.
    private let speakers: [ResourceName: ResourceName]

    init(_ state: DesiredState, _ fineTunes: [ResourceName: ResolvedFineTune], _ inspection: DataInspection) {
        (self.state, self.fineTunes, self.inspection) = (state, fineTunes, inspection)
        let points = state.fineTunes.values.compactMap { one in one.spec.point.map { ($0.sweep, one.name) } }
        speakers = Dictionary(points, uniquingKeysWith: min)
    }

    /// The findings about an item that is to be trained.
    func findings(_ item: PlanItem, _ estimator: Estimator) -> [Diagnostic] {
        let sweep = state.fineTunes[item.request.fineTune]?.spec.point?.sweep
        let speaks = sweep.map { speakers[$0] == item.request.fineTune } ?? true
        let rank = rank(item.request)
        let training = TrainingWarnings(item, estimator, state, rank: rank).findings(withFirst: speaks)
        guard let fineTune = fineTunes[item.request.fineTune], let facts = inspection.facts(fineTune) else {
            return training
        }
        return training + DataWarnings(fineTune, facts, counted: item.request.counted, state).findings
    }

    /// The rank of an adapter with those that it goes on from, which stay part of it.
    private func rank(_ request: TrainingRequest) -> Int {
        var (sum, next) = (0, Optional(request))
        while let request = next, !request.inputs.trainsAllWeights {
            if case .integer(let rank)? = request.inputs.parameters["lora_rank"] { sum += rank }
            next = request.inputs.parent.flatMap { fineTunes[$0.fineTune]?.request }
        }
        return sum
    }

    /// How long the rows are that a request packs.
    func lengths(_ request: TrainingRequest) -> RowLengths? {
        guard let fineTune = fineTunes[request.fineTune], let facts = inspection.facts(fineTune) else { return nil }
        return RowLimit(request, state).documents(facts.train.lengths)
    }
}

/// How many tokens of a row a training takes.
struct RowLimit {
    /// The tokens.
    let tokens: Int
    /// Whether the base reads no more, so that no setting helps.
    let isContext: Bool

    /// Tokens that the trainer puts round a row: where it starts, and where it ends.
    static let marks = 2

    init(_ request: TrainingRequest, _ state: DesiredState) {
        let size = if case .integer(let size) = request.inputs.parameters["chunk_size"] { size } else { Int.max }
        let context = state.baseModels[request.inputs.base]?.spec.context ?? Int.max
        // Packs that cut rows take all of each.
        let wraps = ["pack_sequences", "wrap_packed_sequences"].allSatisfy {
            request.inputs.parameters[$0] == .bool(true)
        }
        tokens = wraps ? Int.max : min(size, context)
        isContext = context <= size
    }

    /// The lengths of rows as the trainer has them.
    func documents(_ lengths: RowLengths) -> RowLengths { lengths.lengthened(by: Self.marks, limit: tokens) }

    /// How many rows are longer.
    func cut(_ lengths: RowLengths) -> Int { lengths.rows(over: tokens - Self.marks) }

    /// How many rows have so long a prompt that nothing is left of their completion.
    func lost(_ prompts: RowLengths) -> Int { prompts.rows(over: tokens - Self.marks) }
}
