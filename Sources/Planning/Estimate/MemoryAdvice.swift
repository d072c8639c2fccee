//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Resources

/// What of a training would have to change for it to fit into memory.
struct MemoryAdvice {
    private let demand: MemoryDemand
    private let device: DeviceMemory

    /// So many ways are named.
    private static let most = 2
    /// What devices have, in GB.
    private static let sizes = [8, 12, 16, 24, 32, 40, 48, 64, 80, 96, 128, 141, 192]
    /// Shorter rows than these are no advice.
    private static let shortest = 128

    init(_ demand: MemoryDemand, _ device: DeviceMemory) { (self.demand, self.device) = (demand, device) }

    /// The first ways to fit, with what each would take; where there is none, a smaller base, and what would have to be
    /// there.
    func words(_ own: ResourceName, _ bases: some Sequence<Estimator.Base>) -> [String] {
        let ways = [smallerPasses, adapter, shorterRows(demand), inFourBits, smallerRank].compactMap { $0 }
        let found = ways.isEmpty ? [adapterOfShorterRows].compactMap { $0 } : ways
        let named = found.prefix(Self.most).map { "\($0.words) would take \(DeviceMemory.words(bytes($0.demand)))" }
        guard named.isEmpty else { return Array(named) }
        return [smallerBase(than: own, bases), "a device of \(wanted) GB would do"].compactMap { $0 }
    }

    private struct Way {
        let words: String
        let demand: MemoryDemand
    }

    private func bytes(_ demand: MemoryDemand) -> Double { MemoryEstimate(demand, on: device).bytes }

    private func fits(_ demand: MemoryDemand) -> Bool {
        bytes(demand) <= Double(device.bytes) * MemoryFit.usable
    }

    private func way(_ words: String, _ change: (inout MemoryDemand) -> Void) -> Way? {
        var changed = demand
        change(&changed)
        return fits(changed) ? Way(words: words, demand: changed) : nil
    }

    /// Rows one by one, which changes no result.
    private var smallerPasses: Way? {
        demand.together > demand.longest ? way("`micro_batch_size: 1`") { $0.together = $0.longest } : nil
    }

    private var adapter: Way? {
        demand.trainsAllWeights ? way("`peft_method: lora`") { $0.trainsAllWeights = false } : nil
    }

    /// A base in four bits, where it does not fit as it is.
    private var inFourBits: Way? {
        guard !demand.isInFourBits, smallerPasses == nil, adapter == nil else { return nil }
        return way("`peft_method: qlora`") { ($0.trainsAllWeights, $0.isInFourBits) = (false, true) }
    }

    /// The longest rows that fit, of a power of two.
    private func shorterRows(_ demand: MemoryDemand) -> Way? {
        for size in Self.powers(below: demand.longest, from: Self.shortest) {
            var changed = demand
            changed.longest = size
            if fits(changed) { return Way(words: "`chunk_size: \(size)`", demand: changed) }
        }
        return nil
    }

    private var smallerRank: Way? {
        guard !demand.trainsAllWeights else { return nil }
        return Self.powers(below: demand.rank, from: 1).lazy.compactMap { rank in
            self.way("`lora_rank: \(rank)`") { $0.rank = rank }
        }.first
    }

    private var adapterOfShorterRows: Way? {
        guard demand.trainsAllWeights else { return nil }
        var changed = demand
        changed.trainsAllWeights = false
        return shorterRows(changed).map { Way(words: "`peft_method: lora` with \($0.words)", demand: $0.demand) }
    }

    /// The largest of the repository's bases that fits.
    private func smallerBase(than own: ResourceName, _ bases: some Sequence<Estimator.Base>) -> String? {
        let fitting = bases.filter { base in
            base.name != own && base.parameters < demand.parameters
                && way("") { $0.parameters = base.parameters } != nil
        }
        let largest = fitting.max { ($0.parameters, $1.name) < ($1.parameters, $0.name) }
        return largest.map { "base model \($0.name) would fit" }
    }

    /// What a device would have to have, in GB, of those that there are.
    private var wanted: Int {
        let needed = bytes(demand) / MemoryFit.usable / 1e9
        return Self.sizes.first { Double($0) >= needed } ?? Int(min(needed, 1e9).rounded(.up))
    }

    /// The powers of two that are smaller than a number, the largest first.
    private static func powers(below limit: Int, from least: Int) -> [Int] {
        Array(sequence(first: least) { $0 > limit / 2 ? nil : $0 * 2 }.filter { $0 < limit }.reversed())
    }
}
