//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// Rows to train on: where they come from and which of them validate.
package struct Dataset: Hashable, Sendable {
    /// Where rows come from.
    package enum Source: Hashable, Sendable {
        /// A path from the top of the manifest repository.
        case path(String)

        /// The source as the manifest writes it.
        package var text: String {
            switch self {
            case .path(let path): path
            }
        }
    }

    /// Which rows validate and do not train.
    package enum Validation: Hashable, Sendable {
        /// About this share of the rows, each by the hash of seed and row.
        case fraction(Double, seed: Int)
        /// The rows of this many lowest hashes of seed and row.
        case rows(Int, seed: Int)
        /// The rows of another source.
        case source(Source)
    }

    /// Where the rows come from.
    package var source: Source
    /// The SHA-256 that the source's bytes must have, where the manifest pins it.
    package var sha256: ContentDigest?
    /// Which rows validate; none where absent.
    package var validation: Validation?

    /// The files that its rows are in, by their paths from the top of the manifest repository.
    package var paths: [String] {
        if case .source(let other) = validation { [source.text, other.text] } else { [source.text] }
    }

    /// Makes a dataset.
    package init(source: Source, sha256: ContentDigest? = nil, validation: Validation? = nil) {
        self.source = source
        self.sha256 = sha256
        self.validation = validation
    }
}
