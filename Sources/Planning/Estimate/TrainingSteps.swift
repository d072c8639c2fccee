//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Resources

/// The optimizer steps of a request, as the trainer makes them.
struct TrainingSteps {
    let count: Int
    let isExact: Bool
    let packs: Int?
    let tokens: Double

    init(_ request: TrainingRequest) {
        let parameters = request.inputs.parameters
        let counted = request.counted
        let rows = counted?.rows ?? request.inputs.trainRows
        packs = parameters["pack_sequences"] == .bool(true) ? counted?.units ?? Self.packs(request) : nil
        let perEpoch = max(1, Self.ceiling(packs ?? rows, by: Self.integer(parameters, "train_batch_size") ?? 32))
        let epochs = Self.integer(parameters, "num_train_epochs") ?? 1
        let whole = perEpoch.multipliedReportingOverflow(by: epochs)
        let limit = Self.integer(parameters, "max_steps")
        // Epochs differ in how their rows are packed.
        let packed = packs == nil ? nil : counted?.steps
        count = limit ?? packed ?? (whole.overflow ? Int.max : whole.partialValue)
        isExact = limit != nil || packs == nil || counted != nil
        tokens = Double(counted?.tokens ?? request.tokensPerEpoch) * Double(count) / Double(perEpoch)
    }

    /// Where the lengths of the rows are unknown, packs are filled nearly wholly, and never hold more than fit.
    private static func packs(_ request: TrainingRequest) -> Int {
        let size = integer(request.inputs.parameters, "chunk_size") ?? 2048
        if request.inputs.parameters["wrap_packed_sequences"] == .bool(true) {
            return max(1, ceiling(request.lengths?.tokens ?? request.tokensPerEpoch, by: size))
        }
        if let lengths = request.lengths { return PackCount.of(lengths, size: size) }
        return min(request.inputs.trainRows, max(1, ceiling(request.tokensPerEpoch, by: size)))
    }

    private static func ceiling(_ count: Int, by size: Int) -> Int {
        size > 0 ? count / size + (count % size > 0 ? 1 : 0) : count
    }

    private static func integer(_ parameters: ParameterValues, _ name: String) -> Int? {
        if case .integer(let value) = parameters[name] { value } else { nil }
    }
}
