//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Resources

/// What of a training decides how much memory it takes.
struct MemoryDemand: Hashable, Sendable {
    /// The base's number of parameters.
    var parameters: Double
    /// Whether all weights train, and no adapter.
    var trainsAllWeights: Bool
    /// Whether the base lies in four bits beside an adapter.
    var isInFourBits = false
    /// The rank that an adapter has, or would have.
    var rank: Int
    /// The share of a layer's linear layers that are adapted.
    var adapted: Double
    /// Whether the best weights are kept beside those that train on.
    var keepsBest: Bool
    /// Tokens of the longest row or pack, which cannot be divided.
    var longest: Int
    /// Tokens of the rows that go through the model together where none is longer.
    var together: Int

    /// The tokens of the largest forward pass.
    var tokens: Int { max(longest, together) }

    /// Tokens that the trainer takes at once where rows are shorter; a GPU that has room for more takes more.
    private static let tokensAtOnce = 512
    /// The linear layers of a layer of a Llama.
    private static let linearLayers = 7
}

extension MemoryDemand {
    /// What a request takes at least, as far as it is known how long its rows are.
    init(_ request: TrainingRequest, on base: Estimator.Base, lengths: RowLengths?) {
        let inputs = request.inputs
        let (rows, batch) = (max(1, inputs.trainRows), inputs.integer("train_batch_size") ?? 1)
        let tokens = max(1, request.counted?.tokens ?? request.tokensPerEpoch)
        let limit = min(inputs.integer("chunk_size") ?? .max, base.context ?? .max)
        let isPacked = inputs.parameters["pack_sequences"] == .bool(true)
        let usual = isPacked ? min(limit, tokens) : min(limit, max(1, tokens / rows))
        parameters = base.parameters
        trainsAllWeights = inputs.trainsAllWeights
        isInFourBits = inputs.method == .text("qlora")
        rank = inputs.integer("lora_rank") ?? 0
        adapted = Self.adapted(inputs)
        keepsBest = inputs.parameters["keep"] == .text("best")
        let longest = isPacked ? usual : max(usual, min(limit, lengths?.quantile(1) ?? 0))
        let most = inputs.integer("micro_batch_size").map { longest.clamped(times: $0) } ?? Self.tokensAtOnce
        self.longest = longest
        together = min(Self.tokensAtOnce, usual.clamped(times: batch), most)
    }

    private static func adapted(_ inputs: VersionRecord.Inputs) -> Double {
        guard case .list(let names)? = inputs.parameters["target_modules"] else { return 1 }
        return min(1, Double(names.count) / Double(linearLayers))
    }
}

extension VersionRecord.Inputs {
    /// A hyperparameter that is a whole number.
    func integer(_ name: String) -> Int? {
        if case .integer(let value)? = parameters[name] { value } else { nil }
    }
}

extension Int {
    /// So many times this, or the largest number there is.
    fileprivate func clamped(times factor: Int) -> Int {
        let (product, overflows) = multipliedReportingOverflow(by: factor)
        return overflows ? .max : product
    }
}
