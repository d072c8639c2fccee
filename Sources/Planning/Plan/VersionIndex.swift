//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Resources

/// The versions of a branch, by what they are looked up with.
struct VersionIndex {
    private let byDestination: [ModelName: [VersionRecord]]
    private let byFingerprint: [Fingerprint: [VersionRecord]]
    let trainers: Set<Int>

    init(_ versions: [VersionRecord]) {
        let sorted = versions.sorted(by: Self.isOlder)
        byDestination = Dictionary(grouping: sorted, by: \.model)
        byFingerprint = Dictionary(grouping: sorted, by: \.fingerprint)
        trainers = Set(versions.map(\.trainer))
    }

    /// The newest version of a fingerprint in one destination.
    func version(of fingerprint: Fingerprint, in model: ModelName) -> VersionRecord? {
        byFingerprint[fingerprint]?.last { $0.model == model }
    }

    /// The newest version of a fingerprint anywhere.
    func version(of fingerprint: Fingerprint) -> VersionRecord? { byFingerprint[fingerprint]?.last }

    /// The newest version that a fine-tune has in a destination, else the newest one that it has anywhere.
    func newest(of fineTunes: [ResourceName], in model: ModelName) -> VersionRecord? {
        let isTheirs = { (version: VersionRecord) in fineTunes.contains(where: version.fineTunes.contains) }
        if let version = byDestination[model]?.last(where: isTheirs) { return version }
        let elsewhere = byDestination.values.compactMap { $0.last(where: isTheirs) }
        return elsewhere.max { ($0.ended, $0.id) < ($1.ended, $1.id) }
    }

    static func isOlder(_ left: VersionRecord, _ right: VersionRecord) -> Bool {
        (left.number ?? Int.max, left.ended, left.id) < (right.number ?? Int.max, right.ended, right.id)
    }
}
