//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Artifacts
internal import Datasets
internal import Planning
internal import Resources

/// The digests of a rendering's rows, for comparing it with another one.
enum ComparedRows {
    /// Those that a version left in a store of artifacts.
    case stored(ArtifactStore, ContentDigest)
    /// Those of rows that are at hand.
    case rendered(RowDigests)

    /// What came and went since an older rendering.
    func difference(from old: ComparedRows) throws -> RowDifference {
        try RowDifference(from: try old.reader(), to: try reader())
    }

    private func reader() throws -> () throws -> ContentDigest? {
        switch self {
        case .stored(let store, let digest):
            var parts = try store.open(digest)
            var lines = RowDigestLines { try parts.next() }
            return { try lines.next() }
        case .rendered(let digests):
            var reader = digests.makeReader()
            return { try reader.next() }
        }
    }
}
