//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// How a file of rows is written.
package enum RowFormat: String, Hashable, Sendable, CaseIterable {
    /// An object of JSON a line.
    case jsonl
    /// One array of objects.
    case json
    /// Records of texts, separated by commas or semicolons; the first names the fields.
    case csv
    /// The same, separated by tabs.
    case tsv
    /// Apache Parquet.
    case parquet
}

/// Rows to train on: where they come from and which of them validate.
package struct Dataset: Hashable, Sendable {
    /// Where rows come from.
    package enum Source: Hashable, Sendable {
        /// A path from the top of the manifest repository.
        case path(String)
        /// An address of rows that lie elsewhere.
        case remote(RemoteSource)
        /// The rows of other datasets.
        case mix([MixPart])

        /// The source as the manifest writes it.
        package var text: String {
            switch self {
            case .path(let path): path
            case .remote(let source): source.text
            case .mix(let parts): "mix of " + parts.map(\.dataset.rawValue).joined(separator: ", ")
            }
        }
    }

    /// One of the datasets that a mixture is made of.
    package struct MixPart: Hashable, Sendable {
        /// The dataset, whose rows are taken after its own steps; its own split is not made.
        package var dataset: ResourceName
        /// Its share, by the others'; none where all of its rows are taken.
        package var weight: Double?

        /// Makes a part.
        package init(dataset: ResourceName, weight: Double? = nil) {
            (self.dataset, self.weight) = (dataset, weight)
        }
    }

    /// Which rows validate and do not train.
    package enum Validation: Hashable, Sendable {
        /// About this share of the rows, each by the hash of seed and row.
        case fraction(Double, seed: Int)
        /// The rows of this many lowest hashes of seed and row.
        case rows(Int, seed: Int)
        /// The rows of another source, with the SHA-256 that pins its bytes.
        case source(Source, sha256: ContentDigest?)
    }

    /// Which rows are left out because an earlier one says the same.
    package enum Dedupe: Hashable, Sendable {
        /// Rows whose fields, as far as they are rendered, are the same.
        case exact
        /// Rows that have at least this share of their shingles in common with an earlier one.
        case near(Double)
    }

    /// Where the rows come from.
    package var source: Source
    /// The SHA-256 that the source's bytes must have, where the manifest pins it.
    package var sha256: ContentDigest?
    /// How the rows are written; told by the file where absent.
    package var format: RowFormat?
    /// The text of the filter that rows have to pass.
    package var filter: String?
    /// Which of equal rows are left out; none where absent.
    package var dedupe: Dedupe?
    /// The seed of the rows' order; the source's where absent.
    package var shuffle: Int?
    /// How many rows are taken at most, before they are split.
    package var limit: Int?
    /// Which rows validate; none where absent.
    package var validation: Validation?

    /// The files that its rows are in, by their paths from the top of the manifest repository.
    package var paths: [String] {
        let other: Source? = if case .source(let source, _) = validation { source } else { nil }
        return [source, other].compactMap { source in
            if case .path(let path) = source { path } else { nil }
        }
    }

    /// Makes a dataset.
    package init(source: Source, sha256: ContentDigest? = nil, validation: Validation? = nil) {
        self.source = source
        self.sha256 = sha256
        self.validation = validation
    }
}

extension Dataset {
    /// The dataset of which a fine-tune takes fewer rows: the smaller of both limits, at the same place in the pipeline.
    package func limited(to rows: Int?) -> Dataset {
        var limited = self
        limited.limit = [limit, rows].compactMap { $0 }.min()
        return limited
    }
}

extension Located<Dataset> {
    /// The dataset with a fine-tune's limit.
    package func limited(to rows: Int?) -> Located<Dataset> {
        var limited = self
        limited.spec = spec.limited(to: rows)
        return limited
    }
}
