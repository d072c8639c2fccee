//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import JSON
internal import Resources

extension DataFacts {
    /// The facts as they are kept.
    package var json: JSONValue {
        [
            "train": Self.json(train),
            "validation": Self.json(validation),
            "longest": Self.json(longest),
            "duplicates": Self.json(duplicates),
            "leaked": Self.json(leaked),
            "repeats_estimated": .bool(areRepeatsEstimated),
            "asked": Self.json(asked),
            "traits": .object(
                JSONObject(RowTrait.allCases.map { .init(key: $0.rawValue, value: Self.json(traits[$0] ?? Found())) })
            ),
            "unused_fields": .array(unusedFields.map { .string($0) }),
            "labels": Self.json(labels),
            "scripts": Self.json(scripts),
        ]
    }

    /// Reads what `json` wrote; nothing from anything else.
    package init?(json: JSONValue) {
        self.init()
        guard let train = Self.side(json["train"]), let validation = Self.side(json["validation"]),
            let longest = Self.found(json["longest"]), let duplicates = Self.found(json["duplicates"]),
            let leaked = Self.found(json["leaked"]), let asked = Self.found(json["asked"]),
            let fields = json["unused_fields"]?.array, let estimated = json["repeats_estimated"]?.bool,
            let labels = Self.counts(json["labels"]), let scripts = Self.counts(json["scripts"])
        else { return nil }
        (self.train, self.validation, self.longest) = (train, validation, longest)
        (self.duplicates, self.leaked, areRepeatsEstimated) = (duplicates, leaked, estimated)
        (self.asked, unusedFields) = (asked, fields.compactMap(\.string))
        (self.labels, self.scripts) = (labels, scripts)
        for trait in RowTrait.allCases {
            guard let found = Self.found(json["traits"]?[trait.rawValue]) else { return nil }
            if found.count > 0 { traits[trait] = found }
        }
    }

    private static func json(_ side: Side) -> JSONValue {
        [
            "rows": .int(side.rows), "bytes": .int(side.bytes), "lengths": json(side.lengths),
            "prompts": json(side.prompts),
        ]
    }

    private static func side(_ json: JSONValue?) -> Side? {
        guard let json, let rows = json["rows"]?.int, let bytes = json["bytes"]?.int,
            let lengths = lengths(json["lengths"]), let prompts = Self.lengths(json["prompts"])
        else { return nil }
        var side = Side()
        (side.rows, side.bytes, side.lengths, side.prompts) = (rows, bytes, lengths, prompts)
        return side
    }

    private static func json(_ lengths: RowLengths) -> JSONValue { .array(lengths.figures.map { .int($0) }) }

    private static func lengths(_ json: JSONValue?) -> RowLengths? {
        json?.array.flatMap { RowLengths(figures: $0.map { $0.int ?? -1 }) }
    }

    private static func json(_ found: Found) -> JSONValue {
        ["count": .int(found.count), "first": found.first.map { .int($0) } ?? .null]
    }

    private static func found(_ json: JSONValue?) -> Found? {
        json?["count"]?.int.map { Found(count: $0, first: json?["first"]?.int) }
    }

    private static func json(_ counts: [String: Int]) -> JSONValue {
        .object(JSONObject(counts.sorted { $0.key < $1.key }.map { .init(key: $0.key, value: .int($0.value)) }))
    }

    private static func counts(_ json: JSONValue?) -> [String: Int]? {
        guard let members = json?.object?.members else { return nil }
        let pairs = members.compactMap { member in member.value.int.map { (member.key, $0) } }
        return pairs.count == members.count ? Dictionary(pairs) { first, _ in first } : nil
    }
}
