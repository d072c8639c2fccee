//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import FtopsTestSupport
import Resources
import Testing

@testable import Planning

@Suite("Estimator")
struct EstimatorTests {
    private static func request(
        tokens: Int = 9300,
        parameters: [String: HyperparameterValue] = [:]
    ) -> TrainingRequest {
        var request = Samples.request(inputs: Samples.inputs(parameters: parameters))
        request.tokensPerEpoch = tokens
        return request
    }

    @Test(
        "gives the guide's table within two per cent",
        arguments: [(3_500_000, 75.0, 26.0), (450_000, 17.0, 6.0), (40_000_000, 750.0, 260.0)]
    )
    func guide(tokens: Int, minutes: Double, dollars: Double) throws {
        var request = Self.request(tokens: tokens, parameters: ["num_train_epochs": .integer(3)])
        request.hardware = BaseModel.Hardware(
            gpus: 8,
            tokensPerSecond: 2670,
            startup: .seconds(525),
            pricePerMinute: Money("0.348")
        )
        let estimate = Estimator(versions: []).estimate(request)
        let seconds = try #require(estimate.seconds)
        let cost = try #require(estimate.cost)
        #expect(abs(seconds / 60 / minutes - 1) < 0.02)
        #expect(abs(Double(cost.micros) / 1e6 / dollars - 1) < 0.02)
    }

    @Test(
        "counts steps as the trainer makes them",
        arguments: [
            ([:], 8, true), (["train_batch_size": .integer(100), "num_train_epochs": .integer(2)], 6, true),
            (["max_steps": .integer(20)], 20, true),
            (["pack_sequences": .bool(true), "train_batch_size": .integer(2)], 3, false),
            (["pack_sequences": .bool(true), "chunk_size": .integer(8), "train_batch_size": .integer(1)], 240, false),
        ] as [([String: HyperparameterValue], Int, Bool)]
    )
    func steps(parameters: [String: HyperparameterValue], count: Int, isExact: Bool) {
        let estimate = Estimator(versions: []).estimate(Self.request(parameters: parameters))
        #expect(estimate.steps == count)
        #expect(estimate.areStepsExact == isExact)
    }

    @Test("counts the tokens of the steps that are taken")
    func tokens() {
        let estimator = Estimator(versions: [])
        #expect(estimator.estimate(Self.request(parameters: ["num_train_epochs": .integer(3)])).tokens == 27900)
        #expect(estimator.estimate(Self.request(parameters: ["max_steps": .integer(4)])).tokens == 4650)
    }

    @Test("does not know a time without hardware and versions")
    func unknown() {
        let estimate = Estimator(versions: []).estimate(Self.request())
        #expect(estimate.seconds == nil)
        #expect(estimate.cost == nil)
    }

    @Test("learns the median of the repository's own versions of the same base")
    func learned() throws {
        var versions = [50.0, 100, 400].map { seconds in
            var version = Samples.version()
            version.training.seconds = seconds
            version.ended = version.started.advanced(by: Int64(seconds) + 60)
            return version
        }
        versions[2].inputs.baseIdentity = "other"
        versions.append(versions[1])
        var request = Self.request()
        request.pricePerGPUHour = Money("3.60")
        let estimate = Estimator(versions: versions).estimate(request)
        #expect(estimate.seconds == 160)
        #expect(estimate.cost == Money("0.16"))
    }

    @Test("learns nothing of adapters for the training of all weights, and of answers for preferences")
    func methods() {
        let versions = (1...3).map { seconds in
            var version = Samples.version()
            version.training.seconds = Double(seconds)
            return version
        }
        let estimator = Estimator(versions: versions)
        #expect(estimator.estimate(Self.request()).basis == .learned(versions: 3))
        #expect(estimator.estimate(Self.request(parameters: ["peft_method": .text("none")])).basis == .none)
        var request = Self.request()
        request.inputs.form = .preference(prompt: "{a}", chosen: "{b}", rejected: "{c}")
        #expect(estimator.estimate(request).basis == .none)
    }

    @Test("what was tried tells before whatever was learned")
    func tried() {
        var request = Self.request()
        request.trial = Trial(steps: 50, tokensPerSecond: 100, startup: 7)
        let estimate = Estimator(versions: (1...3).map { _ in Samples.version() }).estimate(request)
        #expect(estimate.basis == .tried(steps: 50))
        #expect(estimate.seconds == 7 + Double(estimate.tokens) / 100)
    }

    @Test("gives no range from two versions, and one from three and more of the same base and hardware")
    func range() throws {
        var versions = [80.0, 100, 120, 90, 110].map { seconds in
            var version = Samples.version()
            version.training.seconds = seconds
            version.ended = version.started.advanced(by: Int64(seconds) + 60)
            return version
        }
        var request = Self.request()
        request.pricePerGPUHour = Money("3.60")
        request.hardware = BaseModel.Hardware(tokensPerSecond: 1, startup: .seconds(5))
        let two = Estimator(versions: Array(versions.prefix(2))).estimate(request)
        #expect(two.basis == .stated)
        #expect(two.secondsRange == nil)
        let five = Estimator(versions: versions).estimate(request)
        #expect(five.basis == .learned(versions: 5))
        #expect(five.seconds == 160)
        let range = try #require(five.secondsRange)
        #expect(abs(range.low - 144) < 0.01 && abs(range.high - 176) < 0.01)
        #expect(try #require(five.costRange).low < #require(five.cost))
        // Half of them ran on something else, which came later: that is what the next one runs on.
        for index in 0..<3 {
            versions[index].training.device = "cuda"
            versions[index].ended = versions[index].ended.advanced(by: 10_000)
        }
        #expect(Estimator(versions: versions).estimate(request).basis == .learned(versions: 3))
        versions[0].training.device = "cpu"
        #expect(Estimator(versions: versions).estimate(request).basis == .stated)
    }

    @Test("scales what is unknown by the parameters of the base that is nearest in size")
    func scaled() {
        let hardware = BaseModel.Hardware(tokensPerSecond: 700, startup: .seconds(60))
        let bases = [("small", 1e9), ("gemma-3-270m", 14e9), ("large", 7e9)].map { name, parameters in
            Estimator.Base(
                name: ResourceName(rawValue: name),
                parameters: parameters,
                hardware: name == "gemma-3-270m" ? [:] : [.node: hardware]
            )
        }
        let estimate = Estimator(versions: [], bases: bases).estimate(Self.request(tokens: 35_000))
        #expect(estimate.basis == .scaled(from: ResourceName(rawValue: "large")))
        #expect(estimate.seconds == 160)
        var request = Self.request()
        request.backend = .replicate
        #expect(Estimator(versions: [], bases: bases).estimate(request).basis == .none)
    }

    @Test("knows how rows pack: SAMSum's 14,732 rows make 1,710 steps of one pack")
    func packing() throws {
        // Lengths as a conversation's are, with the guide's 3.5 million tokens in all.
        var generator = SeededGenerator(seed: 7)
        var lengths = (0..<14_732).map { _ in Int.random(in: 60...415, using: &generator) }
        let excess = lengths.reduce(0, +) - 3_500_000
        for index in 0..<abs(excess) { lengths[index % lengths.count] -= excess.signum() }
        var request = Self.request(
            tokens: 3_500_000,
            parameters: ["pack_sequences": .bool(true), "train_batch_size": .integer(1)]
        )
        request.inputs.trainRows = lengths.count
        request.lengths = RowLengths(lengths)
        let estimate = Estimator(versions: []).estimate(request)
        let packs = try #require(estimate.packs)
        #expect(abs(Double(packs) / 1710 - 1) < 0.02, "\(packs)")
        #expect(estimate.steps == packs)
    }

    @Test("packs as the trainer does", arguments: [([10, 10, 10], 3), ([5, 5, 5], 2), ([3, 3, 3, 7], 2), ([25], 1)])
    func smallPacks(lengths: [Int], count: Int) {
        var request = Self.request(parameters: ["pack_sequences": .bool(true), "chunk_size": .integer(10)])
        request.inputs.trainRows = lengths.count
        request.lengths = RowLengths(lengths)
        #expect(Estimator(versions: []).estimate(request).packs == count)
    }

    @Test(
        "packs that cut rows are as many as the tokens fill",
        arguments: [([10, 10, 10], 3), ([5, 5, 6], 2), ([25], 3), ([7, 7, 7], 3)]
    )
    func wrappedPacks(lengths: [Int], count: Int) {
        let wrapped: [String: HyperparameterValue] = [
            "pack_sequences": .bool(true), "wrap_packed_sequences": .bool(true), "chunk_size": .integer(10),
            "train_batch_size": .integer(1),
        ]
        let tokens = lengths.reduce(0, +)
        var request = Self.request(tokens: tokens, parameters: wrapped)
        request.inputs.trainRows = lengths.count
        #expect(Estimator(versions: []).estimate(request).packs == count)
        request.lengths = RowLengths(lengths)
        #expect(Estimator(versions: []).estimate(request).packs == count)
        #expect(Estimator(versions: []).estimate(request).steps == count)
        request.counted = TokenCount(rows: lengths.count, tokens: tokens, units: count, steps: count)
        #expect(Estimator(versions: []).estimate(request).areStepsExact)
    }

    @Test(
        "goes by what a tokenizer counted rather than by what it estimates",
        arguments: [
            ([:], 2, nil), (["num_train_epochs": .integer(3)], 6, nil),
            (["pack_sequences": .bool(true)], 7, 20),
            (["pack_sequences": .bool(true), "max_steps": .integer(5)], 5, 20),
        ] as [([String: HyperparameterValue], Int, Int?)]
    )
    func counted(parameters: [String: HyperparameterValue], steps: Int, packs: Int?) {
        var request = Self.request(parameters: parameters)
        request.lengths = RowLengths([1000, 1000])
        request.counted = TokenCount(rows: 60, tokens: 5000, units: 20, steps: 7)
        let estimate = Estimator(versions: []).estimate(request)
        #expect(estimate.steps == steps)
        #expect(estimate.packs == packs)
        #expect(estimate.areStepsExact)
        #expect(estimate.areTokensCounted)
        #expect(estimate.tokens == 5000 * steps / (packs == nil ? 2 : 1))
    }

    @Test("takes absurd figures without a crash")
    func absurd() {
        var request = Self.request(
            tokens: Int.max,
            parameters: ["max_steps": .integer(Int(Int32.max)), "train_batch_size": .integer(Int(Int32.max))]
        )
        request.hardware = BaseModel.Hardware(tokensPerSecond: 1e-300, pricePerMinute: Money(micros: .max))
        let estimate = Estimator(versions: []).estimate(request)
        #expect(estimate.tokens == Int.max)
        #expect(estimate.cost == nil)
        #expect(Lease.started(estimate.forLedger, now: Timestamp(seconds: 0)).seconds == 31_536_000)
    }
}
