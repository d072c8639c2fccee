//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Artifacts
internal import Ledger
internal import Planning
internal import Resources

/// Results that repositories of one machine share through the store: what one of them has trained, the others reuse.
///
/// Of what the store says, only that counts which can be verified: that the record is of the fingerprint, that its id
/// comes from fingerprint and weights, and that the weights are there.
struct SharedResults {
    let store: ArtifactStore

    /// Bytes of a record that are read at most.
    private static let limit = 16 << 20

    /// Keeps a result whose weights are in the store; on the disk when it returns.
    func keep(_ record: VersionRecord) throws {
        let file = try store.put(Array(VersionRecordCodec.text(record).utf8), name: "record")
        try store.note(file.sha256, asResultOf: record.fingerprint)
    }

    /// The result of a fingerprint, its weights looked for by name and size; nothing where none is kept.
    func find(_ fingerprint: Fingerprint) throws -> VersionRecord? {
        guard let digest = try store.result(of: fingerprint) else { return nil }
        guard let size = try store.size(of: digest), size <= Self.limit else {
            throw unusable(fingerprint, "its record is not there")
        }
        let record = try VersionRecordCodec.record(try store.read(digest), at: store.object(digest))
        guard record.fingerprint == fingerprint,
            record.id == VersionIdentity.id(fingerprint: fingerprint, weights: record.weights)
        else { throw unusable(fingerprint, "its record is another one's") }
        guard try store.holds(record.weights) else { throw unusable(fingerprint, "its weights are not there") }
        return record
    }

    /// The same, and all weights are read to their end.
    func verified(_ fingerprint: Fingerprint) throws -> VersionRecord? {
        guard let record = try find(fingerprint) else { return nil }
        for file in record.weights { try store.verify(file.sha256) }
        return record
    }

    private func unusable(_ fingerprint: Fingerprint, _ reason: String) -> ReconcilerError {
        ReconcilerError(.damaged, "the store notes a result of \(fingerprint.short), but \(reason)")
    }
}
