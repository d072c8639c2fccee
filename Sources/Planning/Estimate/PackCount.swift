//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// How many packs rows make: the trainer's own way of packing, played on their lengths.
///
/// Lengths come in and packs go out, whoever counted the tokens. They are those of what is packed: a row with the tokens
/// at its start and end, cut to what a pack holds.
package enum PackCount {
    /// Packs that are open at once, as the trainer has it.
    private static let openPacks = 64
    /// Rows that are played at most; more pack alike.
    private static let played = 16_384

    /// The number of packs of at most `size` tokens.
    package static func of(_ lengths: RowLengths, size: Int) -> Int {
        let rows = lengths.rows
        guard rows > 0 else { return 0 }
        let sample = sample(lengths, count: min(rows, played))
        var play = Play(size: size)
        for length in shuffled(sample) { play.add(length) }
        // Those that are open at the end have room left; a longer play has no more of them.
        let more = Double(play.closed) * Double(rows - sample.count) / Double(max(1, play.rowsInClosed))
        return play.count + Int(more.rounded())
    }

    /// Lengths of which each stands for as many rows.
    private static func sample(_ lengths: RowLengths, count: Int) -> [Int] {
        var sample: [Int] = []
        sample.reserveCapacity(count)
        let total = lengths.rows
        var seen = 0
        for group in lengths.groups {
            seen += group.rows
            let end = Int(Double(seen) / Double(total) * Double(count) + 0.5)
            sample += Array(repeating: group.length, count: max(0, end - sample.count))
        }
        return sample
    }

    private static func shuffled(_ lengths: [Int]) -> [Int] {
        var generator = SplitMix(state: 42)
        return lengths.shuffled(using: &generator)
    }

    /// First fit among the packs that are open; the fullest is closed where there are too many.
    private struct Play {
        let size: Int
        private var rooms: [(space: Int, rows: Int)] = []
        private(set) var closed = 0
        private(set) var rowsInClosed = 0

        init(size: Int) { self.size = size }

        var count: Int { closed + rooms.count }

        mutating func add(_ length: Int) {
            if let slot = rooms.firstIndex(where: { length <= $0.space }) {
                rooms[slot].space -= length
                rooms[slot].rows += 1
                return
            }
            rooms.append((size - length, 1))
            guard rooms.count > openPacks,
                let fullest = rooms.indices.min(by: { rooms[$0].space < rooms[$1].space })
            else { return }
            closed += 1
            rowsInClosed += rooms.remove(at: fullest).rows
        }
    }
}

/// A generator of which the numbers are the same everywhere.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
