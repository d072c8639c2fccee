//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// What a training takes of a device's memory, by the way in which the trainer of this package uses it.
///
/// A base that does not train is held in bfloat16 where the device computes in it, else in fp32. An adapter has its
/// weights, their gradient and two moments in fp32; where all weights train, so have they, and what training started from
/// is kept beside them. Nothing is computed twice to save memory: what the way back needs of a forward pass stays until
/// then. A GPU that has more room takes more tokens at once than are counted here.
struct MemoryEstimate: Hashable, Sendable {
    /// The base's weights.
    var weights: Double
    /// What trains beside them: adapter or gradient, moments, and copies that are kept.
    var training: Double
    /// What the way back needs of the largest forward pass, or a step's own copy of all weights where that is more.
    var activations: Double
    /// Logits, and what else is made and dropped within a pass.
    var workspace: Double
    /// The program itself.
    var process: Double

    /// All of it, in bytes.
    var bytes: Double { weights + training + activations + workspace + process }

    /// What a training takes on a device of this kind.
    init(_ demand: MemoryDemand, on device: DeviceMemory) {
        let shape = Shape(parameters: demand.parameters)
        let tokens = Double(demand.tokens)
        (workspace, process) = device.isGPU ? (8e8, 5e8) : (2.5e8, 6e8)
        guard !demand.trainsAllWeights else {
            weights = 4 * demand.parameters
            training = (demand.keepsBest ? 20 : 16) * demand.parameters
            activations = max(tokens * shape.size * Self.ofAllWeights, 4 * demand.parameters)
            return
        }
        let whole: Double = device.isHalf ? 2 : 4
        let head = min(demand.parameters, shape.width * Self.vocabulary)
        let bytes = demand.isInFourBits ? Self.inFourBits : whole
        weights = whole * head + bytes * (demand.parameters - head)
        let adapter = Double(demand.rank) * demand.adapted * shape.size * Self.adapterWeights
        training = (demand.keepsBest ? 20 : 16) * adapter
        activations = tokens * shape.size * (device.isHalf ? Self.ofAdapterInHalf : Self.ofAdapter)
    }

    // What autograd keeps of a token for each layer and each unit of its width, in bytes, as measured on random Llamas
    // whose MLP is 2.7 times as wide: 31 values of fp32, or 36 of bfloat16, whose norms are in fp32 still; without an
    // adapter 21. Models of more norms, and wider heads, keep an eighth more.
    private static let ofAdapter = 128.0
    private static let ofAdapterInHalf = 75.0
    private static let ofAllWeights = 88.0
    /// Bytes of a weight in four bits with its share of a block's scale, as QLoRA has them (Dettmers et al. 2023: 4.127
    /// bits).
    private static let inFourBits = 0.516
    /// Tokens of a vocabulary, whose embedding and head stay as they are: as many as Llama 2 has in both.
    private static let vocabulary = 64_000.0
    /// Weights of an adapter of rank 1 for each layer and unit of width: two for each of four square matrices, and 11 for
    /// three of the MLP.
    private static let adapterWeights = 19.0

    /// Layers and width of a transformer of so many parameters.
    ///
    /// 12 · layers · width² is what is in its layers (Kaplan et al. 2020, "Scaling Laws for Neural Language Models"), and
    /// the width is 128 times the layers, as Llama 2 has it at 7B (32 and 4096) and 13B (40 and 5120). Small models are
    /// narrower, or have much of themselves in the vocabulary: the product of both, which is all that counts here, comes
    /// out a third too large for Gemma 3 270M and Llama 3.2 1B, and right for Qwen3 0.6B.
    struct Shape: Hashable, Sendable {
        /// The number of layers.
        let layers: Double
        /// The width of what goes from layer to layer.
        var width: Double { layers * Self.aspect }
        /// Layers times width.
        var size: Double { layers * width }

        private static let aspect = 128.0

        init(parameters: Double) {
            layers = Self.cubeRoot(parameters / (12 * Self.aspect * Self.aspect))
        }

        private static func cubeRoot(_ value: Double) -> Double {
            guard value > 0, value.isFinite else { return 0 }
            // Newton's way, from the power of two that is next above.
            let start = Double(
                sign: .plus,
                exponent: Int((Double(value.exponent) / 3).rounded(.up)) + 1,
                significand: 1
            )
            return (0..<8).reduce(start) { root, _ in (2 * root + value / (root * root)) / 3 }
        }
    }
}
