//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// What the repository's own versions say about how fast a base trains.
package struct Throughputs: Hashable, Sendable {
    /// How fast one base trains on one backend.
    package struct Figure: Hashable, Sendable {
        /// Tokens a second, the median of the versions'.
        package var tokensPerSecond: Double
        /// Seconds that a run takes beside the training itself, the median of the versions'.
        package var startup: Double
    }

    private struct Key: Hashable {
        var base: String
        var backend: FineTune.Backend
    }

    private let figures: [Key: Figure]

    /// Learns from versions; those without time or tokens say nothing.
    package init(_ versions: [VersionRecord]) {
        let telling = versions.filter { $0.training.seconds > 0 && $0.training.tokens > 0 }
        let groups = Dictionary(grouping: telling) { Key(base: $0.inputs.baseIdentity, backend: $0.backend) }
        figures = groups.compactMapValues(Self.figure)
    }

    /// The figure of a base on a backend; nothing without a version of it.
    package func figure(base: String, backend: FineTune.Backend) -> Figure? {
        figures[Key(base: base, backend: backend)]
    }

    private static func figure(_ versions: [VersionRecord]) -> Figure? {
        let rates = versions.map { Double($0.training.tokens) / $0.training.seconds }
        // A run of several attempts waited in between, and one of none was reused: their times say nothing of starting.
        let starts = versions.filter { $0.attempts == 1 }.map {
            max(0, Double($0.ended.seconds - $0.started.seconds) - $0.training.seconds)
        }
        guard let rate = median(rates) else { return nil }
        return Figure(tokensPerSecond: rate, startup: median(starts) ?? 0)
    }

    private static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}
