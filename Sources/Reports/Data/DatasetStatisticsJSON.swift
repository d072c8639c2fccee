//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import JSON
internal import Resources

/// A dataset's figures for programs, in the format that `.docs/json.md` describes.
package enum DatasetStatisticsJSON {
    /// The version of the format.
    package static let formatVersion = "1.0"

    /// The figures as a JSON value.
    package static func value(_ figures: DatasetStatistics) -> JSONValue {
        [
            "format_version": .string(formatVersion),
            "name": .string(figures.name),
            "train": side(figures.train),
            "validation": side(figures.validation),
            "duplicates": .int(figures.duplicates),
            "duplicates_exact": .bool(!figures.areDuplicatesEstimated),
            "labels": counts(figures.labels, "label", "rows"),
            "scripts": counts(figures.scripts, "script", "letters"),
            "packing": [
                "size": .int(figures.packing.size), "packs": .int(figures.packing.packs),
                "saved": .double((figures.savedByPacking * 10_000).rounded() / 10_000),
            ],
        ]
    }

    private static func side(_ side: DatasetStatistics.Side) -> JSONValue {
        [
            "rows": .int(side.rows),
            "bytes": .int(side.bytes),
            "tokens": .int(side.lengths.tokens),
            "median": .int(side.lengths.quantile(0.5)),
            "percentile_95": .int(side.lengths.quantile(0.95)),
            "longest": .int(side.lengths.quantile(1)),
            "lengths": .array(side.lengths.groups.map { ["tokens": .int($0.length), "rows": .int($0.rows)] }),
        ]
    }

    private static func counts(_ counts: [String: Int], _ name: String, _ count: String) -> JSONValue {
        .array(
            counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
                [name: .string($0.key), count: .int($0.value)]
            }
        )
    }
}
