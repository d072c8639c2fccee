//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
internal import Packing

/// A set of hashes that stays small: of too many it keeps those that end in so many zeros, and each stands for more.
struct SampledSet {
    private var hashes: Set<UInt64> = []
    private var level = 0
    private let limit: Int

    /// Makes a set of at most so many hashes, which take 16 MB.
    init(limit: Int = 1 << 20) { self.limit = limit }

    /// How many a hash stands for that the set looks at.
    var weight: Int { 1 << level }

    /// Whether the set has a hash.
    func contains(_ hash: UInt64) -> Bool { hashes.contains(hash) }

    /// Adds a hash; tells whether it was there.
    mutating func add(_ hash: UInt64) -> Bool {
        guard hash.trailingZeroBitCount >= level else { return false }
        guard hashes.insert(hash).inserted else { return true }
        while hashes.count > limit {
            level += 1
            hashes = hashes.filter { $0.trailingZeroBitCount >= level }
        }
        return false
    }
}

extension SampledSet: Packable {
    func pack(to packer: inout Packer) {
        packer.int(limit)
        packer.int(level)
        packer.list(hashes) { $0.word($1) }
    }

    init(from unpacker: inout Unpacker) throws(PackingError) {
        self.init(limit: try unpacker.int())
        level = try unpacker.int()
        let count = try unpacker.count()
        guard (0..<64).contains(level), count <= limit else { throw PackingError() }
        hashes.reserveCapacity(count)
        for _ in 0..<count { hashes.insert(try unpacker.word()) }
    }
}

extension Span<UInt8> {
    /// A hash that is the same in every process, so that what is sampled by it is too.
    var stableHash: UInt64 {
        var hash = UInt64(truncatingIfNeeded: count) ^ 0x9E37_79B9_7F4A_7C15
        for start in stride(from: 0, to: count, by: 8) {
            let (high, low) = (hash ^ word(at: start)).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
            hash = high ^ low &+ UInt64(truncatingIfNeeded: start)
        }
        hash = (hash ^ (hash >> 33)) &* 0xFF51_AFD7_ED55_8CCD
        return hash ^ (hash >> 33)
    }
}
