//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
package import Resources

/// Which rendered rows of a file validate.
///
/// A row's place is the SHA-256 over the seed in decimal, a line feed, and the row's canonical JSON. With `fraction` a
/// row validates where the first 53 bits of its place, as a number from 0 to 1, are below the fraction; so equal rows
/// fall on one side and adding a row moves no other. With `rows` those of the lowest places validate, equal ones in the
/// order of the file; so adding a row moves at most one other.
package enum ValidationSplit: Hashable, Sendable {
    case none
    case fraction(Double, seed: Int)
    case rows(Int, seed: Int)

    /// The split that a dataset asks for; a validation source of its own splits nothing.
    package init(_ validation: Dataset.Validation?) {
        switch validation {
        case .fraction(let share, let seed): self = .fraction(share, seed: seed)
        case .rows(let count, let seed): self = .rows(count, seed: seed)
        case .source, nil: self = .none
        }
    }

    /// The place of a row among all, as 64 hexadecimal digits; nothing where nothing is split.
    package func place(of row: ArraySlice<UInt8>) -> String? {
        switch self {
        case .none: return nil
        case .fraction(_, let seed), .rows(_, let seed):
            var hasher = SHA256Hasher()
            hasher.update("\(seed)\n")
            hasher.update(row)
            return hasher.finalize().hex
        }
    }

    /// For each row in order, by its place, whether it validates.
    package func sides(of places: [String]) -> [Bool] {
        switch self {
        case .none: return []
        case .fraction(let share, _): return places.map { Self.number(of: $0) < share }
        case .rows(let count, _):
            var sides = [Bool](repeating: false, count: places.count)
            let order = places.indices.sorted { (places[$0], $0) < (places[$1], $1) }
            for index in order.prefix(max(count, 0)) { sides[index] = true }
            return sides
        }
    }

    private static func number(of place: String) -> Double {
        let bits = UInt64(place.prefix(16), radix: 16) ?? 0
        return Double(bits >> 11) * 0x1p-53
    }
}
