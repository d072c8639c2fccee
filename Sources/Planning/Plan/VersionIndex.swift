//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Resources

/// The versions of a branch, by what they are looked up with.
struct VersionIndex {
    private let versions: [VersionRecord]
    // Places of versions, oldest first: a record is large, and is copied only where one is found.
    private let byDestination: [ModelName: [Int]]
    private let byFingerprint: [Fingerprint: [Int]]
    let trainers: Set<Int>

    init(_ versions: [VersionRecord]) {
        self.versions = versions
        let ages = versions.map(Age.init)
        let oldestFirst = versions.indices.sorted { ages[$0] < ages[$1] }
        byDestination = Dictionary(grouping: oldestFirst) { versions[$0].model }
        byFingerprint = Dictionary(grouping: oldestFirst) { versions[$0].fingerprint }
        trainers = Set(versions.lazy.map(\.trainer))
    }

    /// The newest version of a fingerprint in one destination.
    func version(of fingerprint: Fingerprint, in model: ModelName) -> VersionRecord? {
        byFingerprint[fingerprint]?.last { versions[$0].model == model }.map { versions[$0] }
    }

    /// The newest version of a fingerprint anywhere.
    func version(of fingerprint: Fingerprint) -> VersionRecord? {
        byFingerprint[fingerprint]?.last.map { versions[$0] }
    }

    /// The newest version that a fine-tune has in a destination, else the newest one that it has anywhere.
    func newest(of fineTunes: [ResourceName], in model: ModelName) -> VersionRecord? {
        let isTheirs = { (index: Int) in fineTunes.contains(where: versions[index].fineTunes.contains) }
        if let index = byDestination[model]?.last(where: isTheirs) { return versions[index] }
        let elsewhere = byDestination.values.compactMap { $0.last(where: isTheirs) }.map { versions[$0] }
        return elsewhere.max { ($0.ended, $0.id) < ($1.ended, $1.id) }
    }

    static func isOlder(_ left: VersionRecord, _ right: VersionRecord) -> Bool { Age(left) < Age(right) }

    /// What versions of one model are ordered by.
    private struct Age: Comparable {
        let number: Int
        let ended: Timestamp
        let id: VersionID

        init(_ version: VersionRecord) {
            (number, ended, id) = (version.number ?? Int.max, version.ended, version.id)
        }

        static func < (left: Age, right: Age) -> Bool {
            (left.number, left.ended, left.id) < (right.number, right.ended, right.id)
        }
    }
}
