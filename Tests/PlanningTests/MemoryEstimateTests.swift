//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import Testing

@testable import Planning

@Suite("The memory that a training takes")
struct MemoryEstimateTests {
    static let processor = DeviceMemory(bytes: 16_000_000_000, isGPU: false, isHalf: false)
    static let gpu = DeviceMemory(bytes: 24_000_000_000, isGPU: true, isHalf: true)

    static func demand(_ parameters: Double, rank: Int? = 8, longest: Int, together: Int = 0) -> MemoryDemand {
        MemoryDemand(
            parameters: parameters,
            trainsAllWeights: rank == nil,
            rank: rank ?? 8,
            adapted: 1,
            keepsBest: false,
            longest: longest,
            together: together
        )
    }

    @Test(
        "is what the trainer's whole process was measured to take with Gemma 3 270M in fp32, within a third",
        arguments: [
            (8, 92, 460, 2.90), (8, 100, 500, 3.16), (8, 1002, 512, 4.60), (8, 2002, 512, 6.37), (nil, 92, 368, 8.23),
        ] as [(Int?, Int, Int, Double)]
    )
    func measured(rank: Int?, longest: Int, together: Int, gigabytes: Double) {
        let demand = Self.demand(270e6, rank: rank, longest: longest, together: together)
        let bytes = MemoryEstimate(demand, on: Self.processor).bytes
        #expect(abs(bytes / 1e9 / gigabytes - 1) < 0.35, "\(bytes)")
    }

    @Test(
        "has layers and width of Llama 2 by the number of parameters",
        arguments: [(6.74e9, 32, 4096), (13e9, 40, 5120)]
    )
    func shape(parameters: Double, layers: Double, width: Double) {
        let shape = MemoryEstimate.Shape(parameters: parameters)
        #expect(abs(shape.layers / layers - 1) < 0.03 && abs(shape.width / width - 1) < 0.03, "\(shape)")
        #expect(MemoryEstimate.Shape(parameters: 0).size == 0)
    }

    @Test("of an adapter grows with its rank: one of all linear layers of Llama 2 7B has 20 million weights at rank 8")
    func adapter() {
        let one = MemoryEstimate(Self.demand(6.74e9, longest: 512), on: Self.gpu)
        #expect(abs(one.training / 16 / 20e6 - 1) < 0.05, "\(one)")
        #expect(abs(one.weights - 2 * 6.74e9) < 1)
        let large = MemoryEstimate(Self.demand(6.74e9, rank: 64, longest: 512), on: Self.gpu)
        #expect(abs(large.training / one.training - 8) < 1e-6 && large.activations == one.activations)
    }

    @Test("of a base in four bits is about a quarter, but for what does not lie in them")
    func fourBits() {
        var demand = Self.demand(6.74e9, longest: 512)
        let whole = MemoryEstimate(demand, on: Self.gpu)
        demand.isInFourBits = true
        let quantized = MemoryEstimate(demand, on: Self.gpu)
        // As bitsandbytes has Llama 2 7B: 3.9 GB with the embedding and the head in bfloat16.
        #expect(abs(quantized.weights - 3.87e9) < 1e8, "\(quantized)")
        #expect(quantized.training == whole.training && quantized.activations == whole.activations)
    }

    @Test(
        "follows from how many tokens go through the model at once",
        arguments: [
            ([:], 2048, 512), (["micro_batch_size": .integer(1)], 2048, 512),
            (["chunk_size": .integer(256), "micro_batch_size": .integer(1)], 256, 256),
            (["chunk_size": .integer(256)], 256, 512), (["train_batch_size": .integer(1)], 2048, 38),
            (["pack_sequences": .bool(true), "chunk_size": .integer(8192)], 4096, 512),
        ] as [([String: HyperparameterValue], Int, Int)]
    )
    func passes(parameters: [String: HyperparameterValue], longest: Int, together: Int) {
        // 240 rows of 38 tokens, but for one.
        let request = Samples.request(inputs: Samples.inputs(parameters: parameters))
        let base = Estimator.Base(name: request.inputs.base, parameters: 7e9, hardware: [:], context: 4096)
        let demand = MemoryDemand(request, on: base, lengths: RowLengths([38, 40, 2048]))
        #expect(demand.longest == longest, "\(demand)")
        #expect(demand.together == together, "\(demand)")
        #expect(MemoryDemand(request, on: base, lengths: nil).tokens <= demand.tokens)
    }

    @Test("is written in GB", arguments: [(9.46e9, "9.5 GB"), (31.4e9, "31 GB"), (0, "0 GB"), (9.97e9, "10 GB")])
    func words(bytes: Double, words: String) {
        #expect(DeviceMemory.words(bytes) == words)
    }
}
