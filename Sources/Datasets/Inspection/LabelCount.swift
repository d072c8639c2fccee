//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Packing

/// Counts completions as long as they may be labels: short ones, of which there are few.
struct LabelCount: Sendable {
    private var counts: [[UInt8]: Int] = [:]
    private var areLabels = true

    /// So many different ones at most, and so many bytes of each.
    private static let (mostLabels, longestLabel) = (64, 80)

    /// Counts a completion.
    mutating func add(_ completion: [UInt8]) {
        guard areLabels else { return }
        counts[completion, default: 0] += 1
        check(completion.count)
    }

    /// Counts what another one has counted.
    mutating func add(_ other: LabelCount) {
        areLabels = areLabels && other.areLabels
        for (label, count) in other.counts where areLabels {
            counts[label, default: 0] += count
            check(0)
        }
    }

    private mutating func check(_ length: Int) {
        areLabels = areLabels && counts.count <= Self.mostLabels && length <= Self.longestLabel
        if !areLabels { counts = [:] }
    }

    /// The labels of so many rows; none where completions hardly ever come again. What should not be told is hidden.
    func labels(of rows: Int) -> [String: Int] {
        guard areLabels, counts.count > 1, counts.count * 2 <= rows else { return [:] }
        return counts.reduce(into: [:]) { labels, pair in
            var found = SensitiveText()
            found.add(pair.key.span)
            let isHidden = !found.traits(beside: SensitiveText()).isEmpty
            labels[isHidden ? "(hidden)" : String(decoding: pair.key, as: UTF8.self), default: 0] += pair.value
        }
    }
}

extension LabelCount: Packable {
    func pack(to packer: inout Packer) {
        packer.bool(areLabels)
        packer.list(counts) { packer, entry in
            packer.run(entry.key[...])
            packer.int(entry.value)
        }
    }

    init(from unpacker: inout Unpacker) throws(PackingError) {
        areLabels = try unpacker.bool()
        for _ in 0..<(try unpacker.count()) { counts[Array(try unpacker.run())] = try unpacker.int() }
    }
}
