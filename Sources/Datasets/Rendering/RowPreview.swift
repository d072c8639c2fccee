//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
package import JSON
package import Resources

/// One row of a dataset beside what it becomes.
package struct RowPreview: Hashable, Sendable {
    /// The row's number among those that the dataset keeps, in their order, from 1.
    package let number: Int
    /// Where it stands in its source.
    package private(set) var place: RowPlace
    /// How many rows the dataset has.
    package let count: Int
    /// The row's fields as the source has them.
    package let fields: JSONObject
    /// The row as the trainer reads it.
    package let rendered: RenderedRow
    /// Whether it validates and does not train.
    package let isValidation: Bool
    /// The estimated tokens of its texts.
    package let tokens: Int
}

/// Some rows of a dataset, and how many it has.
package struct DatasetPreview: Hashable, Sendable {
    /// The rows that were asked for and are there.
    package let rows: [RowPreview]
    /// How many rows the dataset has, on both sides.
    package let count: Int
    /// How many rows the dataset's steps took; nothing where it has none.
    package let steps: RowStepCounts?
}

extension RowPreview {
    /// Rows of the given numbers of a source that was rendered; it is read again as far as the last of them.
    static func rows(
        _ numbers: ClosedRange<Int>,
        of source: RowSource,
        count: Int,
        _ renderer: RowRenderer,
        _ parting: RowParting
    ) throws -> [RowPreview] {
        var reader = try RowReader(source)
        var previews: [RowPreview] = []
        var number = 0
        while number < min(numbers.upperBound, count), let element = try reader.next() {
            guard case .row(let row) = element else { continue }
            number += 1
            guard numbers.contains(number), let rendered = try? renderer.render(row.fields) else { continue }
            previews.append(
                RowPreview(
                    number: number,
                    place: RowPlace(file: source.name, number: row.line),
                    count: count,
                    fields: row.fields,
                    rendered: rendered,
                    isValidation: isChosen(rendered, number: number, parting),
                    tokens: rendered.tokens
                )
            )
        }
        for (index, place) in zip(previews.indices, try source.places(of: previews.map(\.place.number))) {
            previews[index].place = place
        }
        return previews
    }

    private static func isChosen(_ row: RenderedRow, number: Int, _ parting: RowParting) -> Bool {
        switch parting {
        case .none: return false
        case .numbers(let chosen): return chosen.contains(number - 1)
        case .fraction(let share, let seed):
            var bytes: [UInt8] = []
            row.write(to: &bytes)
            var hasher = SHA256Hasher()
            return hasher.place(of: bytes.span, seed: seed).isBelow(share)
        }
    }
}
