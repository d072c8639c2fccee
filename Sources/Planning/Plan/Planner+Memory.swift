//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Resources

// How trainings fit into the memory that they have.

extension Planner {
    /// How an item that is to be trained fits into its memory; nothing where one of both is not known.
    func memory(_ item: PlanItem) -> MemoryFit? {
        switch item.action {
        case .create, .update, .failed: break
        case .reuse, .evaluate, .configure, .upToDate, .inProgress, .unknown, .drifted, .orphaned, .blocked: return nil
        }
        let request = item.request
        guard suspended(request) == nil, Self.backend(request) == nil,
            let base = estimator.bases[request.inputs.base],
            let device = DeviceMemory(request.hardware) ?? inputs.memory()
        else { return nil }
        let demand = MemoryDemand(request, on: base, lengths: inputs.lengths(request))
        var fit = MemoryFit(demand, on: device)
        if fit.verdict != .fits, let known = LearnedMemory.of(request, on: device, from: inputs.versions) {
            fit.needed = min(fit.needed, known)
        }
        if fit.verdict != .fits { fit.advice = MemoryAdvice(demand, device).words(base.name, estimator.bases.values) }
        fit.range = device.isStated ? request.terms.memory ?? request.range : request.range
        return fit
    }

    /// What keeps an item from being trained on what its base names.
    static func memory(_ item: PlanItem) -> Action.Block? {
        guard let fit = item.memory, fit.device.isStated else { return nil }
        return fit.block
    }

    /// What is worth knowing of an item that may not fit. One that cannot fit into this machine may be another's.
    func tightMemory(_ item: PlanItem) -> [Diagnostic] {
        guard let fit = item.memory, fit.verdict != .fits, fit.block == nil || !fit.device.isStated else { return [] }
        let advice = "say `node: {hardware: {memory: …}}` of base model \(item.request.inputs.base)"
        let elsewhere = fit.device.isStated ? "" : "; where it trains elsewhere, \(advice)"
        return [Diagnostic("tight-memory", fit.words + elsewhere, severity: .warning, range: fit.range)]
    }
}
