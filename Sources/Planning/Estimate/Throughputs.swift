//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Resources
internal import Synchronization

/// What the repository's own versions say about how fast a base trains.
struct Throughputs: Sendable {
    /// How fast one version was trained.
    struct Sample: Hashable, Sendable {
        /// Tokens a second.
        var tokensPerSecond: Double
        /// Seconds that its run took beside the training itself; nothing where it waited in between.
        var startup: Double?
    }

    /// What is as fast as each other: the same base there, and the same way of training.
    private struct Key: Hashable, Sendable {
        var base: String
        var backend: FineTune.Backend
        var method: Method

        init(_ inputs: VersionRecord.Inputs, on backend: FineTune.Backend) {
            (base, self.backend, method) = (inputs.baseIdentity, backend, Method(inputs))
        }
    }

    /// All weights cost more than an adapter, one beside four bits more than another, and preferences more than answers.
    private struct Method: Hashable, Sendable {
        var name: HyperparameterValue
        var isPreference: Bool

        init(_ inputs: VersionRecord.Inputs) {
            (name, isPreference) = (inputs.method, inputs.form.isPreference)
        }
    }

    private struct Place: Hashable, Sendable {
        var backend: FineTune.Backend
        var method: Method
    }

    private let samples: [Key: [Sample]]
    private let names: [Place: [ResourceName: Key]]

    /// Learns from versions; those without time or tokens say nothing.
    init(_ versions: [VersionRecord]) {
        let telling = versions.indices.filter { versions[$0].training.seconds > 0 && versions[$0].training.tokens > 0 }
        let key = { (index: Int) in Key(versions[index].inputs, on: versions[index].backend) }
        let groups = Dictionary(grouping: telling, by: key)
        samples = groups.mapValues { Self.ofNewestHardware($0, of: versions).map { Self.sample(versions[$0]) } }
        names = telling.reduce(into: [:]) { names, index in
            let place = Place(backend: versions[index].backend, method: Method(versions[index].inputs))
            names[place, default: [:]][versions[index].inputs.base] = key(index)
        }
    }

    /// The versions of a request's base that were trained there as it asks for; none without any.
    func samples(of request: TrainingRequest) -> [Sample] {
        samples[Key(request.inputs, on: request.backend)] ?? []
    }

    /// The versions of every base that its backend has trained as a request asks for, by the base's name.
    func samples(like request: TrainingRequest) -> [ResourceName: [Sample]] {
        let place = Place(backend: request.backend, method: Method(request.inputs))
        return (names[place] ?? [:]).compactMapValues { samples[$0] }
    }

    /// Those that were trained on what the newest one was trained on: other hardware tells nothing about it.
    private static func ofNewestHardware(_ group: [Int], of versions: [VersionRecord]) -> [Int] {
        let end = { (index: Int) in (versions[index].ended, versions[index].id) }
        guard let newest = group.max(by: { end($0) < end($1) }) else { return [] }
        return group.filter { versions[$0].training.device == versions[newest].training.device }
    }

    private static func sample(_ version: VersionRecord) -> Sample {
        let training = version.training
        let startup = max(0, Double(version.ended.seconds - version.started.seconds) - training.seconds)
        // A run of several attempts waited in between, and one of none was reused: their times say nothing of starting.
        return Sample(
            tokensPerSecond: Double(training.tokens) / training.seconds,
            startup: version.attempts == 1 ? startup : nil
        )
    }
}

/// What versions say about throughputs, which is worked out where the first estimate asks for it.
final class KnownThroughputs: Sendable {
    private let versions: [VersionRecord]
    private let found = Mutex<Throughputs?>(nil)

    init(_ versions: [VersionRecord]) { self.versions = versions }

    var value: Throughputs {
        found.withLock { found in
            let value = found ?? Throughputs(versions)
            found = value
            return value
        }
    }
}

/// Middles and edges of measured values.
enum Quantile {
    /// The middle of some values; nothing of none.
    static func median(_ values: [Double]) -> Double? { of(values, 0.5) }

    /// The value below which a share of the values lie, between two of them where it falls between.
    static func of(_ values: [Double], _ share: Double) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let place = Double(sorted.count - 1) * share
        let lower = Int(place)
        let upper = min(lower + 1, sorted.count - 1)
        guard sorted[lower] < sorted[upper] else { return sorted[lower] }
        return sorted[lower] + (sorted[upper] - sorted[lower]) * (place - Double(lower))
    }
}
