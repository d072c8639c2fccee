//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// A sketch of a text's shingles: the share of entries that two sketches have in common is about the share of shingles
/// that the two texts have in common.
///
/// A shingle is five characters (Unicode scalars), ASCII letters in lower case and each run of white space one space. A
/// sketch has 128 entries, each the least of the shingles' hashes under one permutation of all hashes. Permutations and
/// hashes never change within `ftops/v1`: which rows are near is part of what datasets are.
struct MinHash: Hashable, Sendable {
    static let shingle = 5
    static let size = 128

    private typealias Lane = SIMD16<UInt32>

    private(set) var entries: [UInt32]

    init(_ text: String) {
        var lanes = [Lane](repeating: Lane(repeating: .max), count: Self.permutations.count)
        Self.forEachShingle(of: text) { hash in
            let hashes = Lane(repeating: hash)
            for index in lanes.indices {
                let permutation = Self.permutations[index]
                let values = (hashes ^ permutation.mask) &* permutation.factor
                lanes[index] = pointwiseMin(lanes[index], values ^ (values &>> 15))
            }
        }
        entries = lanes.flatMap { lane in lane.indices.map { lane[$0] } }
    }

    /// About the share of shingles that two texts have in common.
    func similarity(to other: MinHash) -> Double {
        var equal = 0
        for index in 0..<Self.size where entries[index] == other.entries[index] { equal += 1 }
        return Double(equal) / Double(Self.size)
    }

    private static func forEachShingle(of text: String, _ body: (UInt32) -> Void) {
        let scalars = normalized(text)
        var index = 0
        repeat {
            var hash: UInt64 = 0
            for scalar in scalars[index..<min(index + shingle, scalars.count)] {
                hash = (hash &+ UInt64(scalar) &+ 1) &* 0x9E37_79B9_7F4A_7C15
                hash ^= hash >> 29
            }
            body(UInt32(truncatingIfNeeded: hash >> 32))
            index += 1
        } while index + shingle <= scalars.count
    }

    private static func normalized(_ text: String) -> [UInt32] {
        var scalars: [UInt32] = []
        for scalar in text.unicodeScalars {
            let isSpace = scalar.properties.isWhitespace
            if isSpace, scalars.last == 0x20 { continue }
            let isCapital = (0x41...0x5A).contains(scalar.value)
            scalars.append(isSpace ? 0x20 : isCapital ? scalar.value + 0x20 : scalar.value)
        }
        return scalars
    }

    private struct Permutation: Sendable {
        var mask: Lane
        var factor: Lane
    }

    private static let permutations: [Permutation] = {
        var state: UInt64 = 0x6674_6F70_7320_7631
        func next() -> UInt32 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return UInt32(truncatingIfNeeded: mixed >> 32)
        }
        return (0..<(size / Lane.scalarCount)).map { _ in
            var permutation = Permutation(mask: Lane(), factor: Lane())
            for index in permutation.mask.indices {
                permutation.mask[index] = next()
                permutation.factor[index] = next() | 1
            }
            return permutation
        }
    }()
}
