//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Resources

/// What versions tell of the memory that a training takes.
enum LearnedMemory {
    /// What a GPU's process has beside what its peak counts.
    private static let process = 500_000_000

    /// The least that a version took which asked for no less, so that this one gets along with it; nothing where there is
    /// none. A GPU that has more takes more, so that more than an estimate tells nothing.
    static func of(_ request: TrainingRequest, on device: DeviceMemory, from versions: [VersionRecord]) -> Int? {
        let peaks = versions.lazy.filter { tells($0, of: request, device) }.compactMap(\.training.peakMemory)
        return peaks.min().map { device.isGPU ? $0 + process : $0 }
    }

    private static func tells(_ version: VersionRecord, of request: TrainingRequest, _ device: DeviceMemory) -> Bool {
        let (known, asked) = (version.inputs, request.inputs)
        guard version.backend == request.backend, (version.training.device != "cpu") == device.isGPU,
            device.isGPU || (version.training.dtype == "bfloat16") == device.isHalf,
            known.baseIdentity == asked.baseIdentity, known.method == asked.method,
            known.integer("micro_batch_size") == nil || known.atLeast(asked, "micro_batch_size", else: false),
            known.form.isPreference == asked.form.isPreference,
            known.parameters["target_modules"] == asked.parameters["target_modules"],
            known.parameters["keep"] == asked.parameters["keep"],
            known.parameters["pack_sequences"] == asked.parameters["pack_sequences"]
        else { return false }
        let isNoShorter = known.atLeast(asked, "chunk_size") && known.atLeast(asked, "train_batch_size")
        let hasRank = asked.trainsAllWeights || known.atLeast(asked, "lora_rank")
        // Rows are as long as those of the same data; packs are as long as they may be.
        let isAlike = known.dataset == asked.dataset && known.template == asked.template
        return isNoShorter && hasRank && (isAlike || asked.parameters["pack_sequences"] == .bool(true))
    }
}

extension VersionRecord.Inputs {
    /// Whether a hyperparameter is no less than what is asked for, or where nothing is.
    fileprivate func atLeast(_ asked: VersionRecord.Inputs, _ name: String, else unasked: Bool = true) -> Bool {
        guard let wanted = asked.integer(name) else { return unasked }
        return integer(name).map { $0 >= wanted } ?? false
    }
}
