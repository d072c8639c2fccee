//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// The rows that were kept so far, by sketches of them: tells which are near to a new one.
///
/// Rows are looked up by parts of their sketches, so many that of two rows that are just near enough 99 in 100 are
/// found. A row takes about 1.5 KB.
struct NearRows {
    /// Rows that one row is compared with at most.
    private static let candidateLimit = 1000

    private let threshold: Double
    private let bandSize: Int
    private var kept: [MinHash] = []
    /// The last row of each band's value.
    private var heads: [Band: Int32] = [:]
    /// For each row and band, the row before it with the same value; -1 where there is none.
    private var previous: [Int32] = []

    private struct Band: Hashable {
        var index: Int32
        var value: UInt64
    }

    /// Rows are near where they have at least this share of shingles in common.
    init(_ threshold: Double) {
        self.threshold = threshold
        bandSize = [16, 8, 4, 2].first { Self.chance(threshold, size: $0) >= 0.99 } ?? 1
    }

    /// How likely two rows of a similarity share a band.
    private static func chance(_ similarity: Double, size: Int) -> Double {
        var band = 1.0
        for _ in 0..<size { band *= similarity }
        var none = 1.0
        for _ in 0..<(MinHash.size / size) { none *= 1 - band }
        return 1 - none
    }

    private var bandCount: Int { MinHash.size / bandSize }

    /// Keeps a row unless one that was kept is near; whether it did.
    mutating func insert(_ row: MinHash) -> Bool {
        let bands = (0..<bandCount).map { band(row, $0) }
        if isNear(row, bands) { return false }
        for band in bands { previous.append(heads.updateValue(Int32(kept.count), forKey: band) ?? -1) }
        kept.append(row)
        return true
    }

    private func band(_ row: MinHash, _ index: Int) -> Band {
        var value: UInt64 = 0xCBF2_9CE4_8422_2325
        for entry in row.entries[(index * bandSize)..<((index + 1) * bandSize)] {
            value = (value ^ UInt64(entry)) &* 0x0000_0100_0000_01B3
            value ^= value >> 31
        }
        return Band(index: Int32(index), value: value)
    }

    private func isNear(_ row: MinHash, _ bands: [Band]) -> Bool {
        var compared: Set<Int32> = []
        for band in bands {
            var candidate = heads[band] ?? -1
            while candidate >= 0, compared.count < Self.candidateLimit {
                if compared.insert(candidate).inserted, row.similarity(to: kept[Int(candidate)]) >= threshold {
                    return true
                }
                candidate = previous[Int(candidate) * bandCount + Int(band.index)]
            }
        }
        return false
    }
}
