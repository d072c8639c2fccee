//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Datasets
internal import Planning
package import Reports
internal import Resources

extension DataService {
    /// The figures of a dataset as it is rendered; `pack` is how many tokens a pack has, where it is not the fine-tune's
    /// own `chunk_size`.
    package func statistics(_ name: String, template: String?, pack: Int?) throws -> DatasetStatistics {
        let data = try render(name, template: template)
        let facts = try inspection.facts(data)
        let size = pack ?? chunkSize(of: name)
        let documents = facts.train.lengths.lengthened(by: RowLimit.marks, limit: size)
        var statistics = DatasetStatistics(
            name: name,
            train: Self.side(facts.train),
            validation: Self.side(facts.validation),
            packing: .init(size: size, packs: PackCount.of(documents, size: size))
        )
        statistics.duplicates = facts.duplicates.count
        statistics.areDuplicatesEstimated = facts.areRepeatsEstimated
        statistics.labels = facts.labels
        statistics.scripts = facts.scripts
        return statistics
    }

    private static func side(_ side: DataFacts.Side) -> DatasetStatistics.Side {
        DatasetStatistics.Side(rows: side.rows, bytes: side.bytes, lengths: side.lengths)
    }
}
