//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import JSON
internal import Resources

/// All that a pass over a dataset finds out, from which its rows can be rendered again.
struct RenderedFacts: Hashable, Sendable {
    /// The numbers of the rows that validate, where they were chosen by their number.
    var chosen: [Int]?
    /// The rows to train on.
    var train: RowCounts
    /// Those of the same source that validate.
    var validation: RowCounts
    /// The rows of another source, all of which validate.
    var other: RowCounts?
    /// The SHA-256 of the source's bytes.
    var source: ContentDigest
    /// What the rows were rendered by.
    var form: Template.Form
    /// What the steps took; nothing where there are none.
    var steps: RowStepCounts?
    /// How far the file was known; nothing where it is no file that is read on.
    var growth: Growth?
}

extension RenderedFacts {
    var json: JSONValue {
        .object(
            JSONObject(
                present: [
                    ("chosen", chosen.map { .array($0.map { .int($0) }) }),
                    ("train", train.json), ("validation", validation.json), ("other", other?.json),
                    ("source", .string(source.rawValue)),
                    ("form", .array(form.json)),
                    ("steps", steps?.json),
                    ("growth", growth?.json),
                ]
            )
        )
    }

    /// Reads what `json` wrote; nothing from anything else.
    init?(json: JSONValue) {
        guard let train = RowCounts(json: json["train"]), let validation = RowCounts(json: json["validation"]),
            let source = json["source"]?.string.flatMap(ContentDigest.init(rawValue:)),
            let form = Template.Form(json: json["form"]?.array ?? [])
        else { return nil }
        (self.train, self.validation, self.source, self.form) = (train, validation, source, form)
        if let numbers = json["chosen"] {
            guard let chosen = numbers.integers else { return nil }
            self.chosen = chosen
        }
        if let counts = json["other"] {
            guard let other = RowCounts(json: counts) else { return nil }
            self.other = other
        }
        if let counts = json["steps"] {
            guard let steps = RowStepCounts(json: counts) else { return nil }
            self.steps = steps
        }
        if let json = json["growth"] {
            guard let growth = Growth(json: json) else { return nil }
            self.growth = growth
        }
    }
}

extension RowCounts {
    fileprivate var json: JSONValue {
        ["size": .int(size), "rows": .int(rows), "tokens": .int(tokens), "digest": .string(digest.rawValue)]
    }

    fileprivate init?(json: JSONValue?) {
        guard let size = json?["size"]?.int, let rows = json?["rows"]?.int, let tokens = json?["tokens"]?.int,
            let digest = json?["digest"]?.string.flatMap(ContentDigest.init(rawValue:))
        else { return nil }
        self.init(size: size, rows: rows, tokens: tokens, digest: digest)
    }
}

extension RowStepCounts {
    fileprivate var json: JSONValue {
        .array([rows, filtered, duplicates, beyondLimit, beyondWeights].map { .int($0) })
    }

    fileprivate init?(json: JSONValue) {
        guard let counts = json.integers, counts.count == 5 else { return nil }
        self.init()
        (rows, filtered, duplicates, beyondLimit) = (counts[0], counts[1], counts[2], counts[3])
        beyondWeights = counts[4]
    }
}

extension Growth {
    fileprivate var json: JSONValue {
        .object(
            JSONObject(present: [
                ("start", start?.json), ("lines", lines.json), ("size", .int(size)), ("past", .array(past.map(\.json))),
            ])
        )
    }

    fileprivate init?(json: JSONValue) {
        guard let lines = FilePrefix(json: json["lines"]), let size = json["size"]?.int,
            let past = json["past"]?.array?.map(PastRows.init(json:))
        else { return nil }
        self.init(lines: lines, size: size, past: past.compactMap(\.self))
        start = json["start"].flatMap { FilePrefix(json: $0) }
    }
}

extension PastRows {
    fileprivate var json: JSONValue {
        .array([.string(train.rawValue), .string(validation?.rawValue ?? ""), .int(rows)])
    }

    fileprivate init?(json: JSONValue) {
        guard let parts = json.array, parts.count == 3, let rows = parts[2].int,
            let train = parts[0].string.flatMap(ContentDigest.init(rawValue:))
        else { return nil }
        let validation = parts[1].string.flatMap(ContentDigest.init(rawValue:))
        self.init(train: train, validation: validation, rows: rows)
    }
}

extension FilePrefix {
    fileprivate var json: JSONValue { ["length": .int(length), "digest": .string(digest.rawValue)] }

    fileprivate init?(json: JSONValue?) {
        guard let length = json?["length"]?.int,
            let digest = json?["digest"]?.string.flatMap(ContentDigest.init(rawValue:))
        else { return nil }
        self.init(length: length, digest: digest)
    }
}

extension Template.Form {
    fileprivate var json: [JSONValue] {
        switch self {
        case .promptCompletion(let prompt, let completion): ["prompt", .string(prompt), .string(completion)]
        case .preference(let prompt, let chosen, let rejected):
            ["preference", .string(prompt), .string(chosen), .string(rejected)]
        case .text(let text): ["text", .string(text)]
        case .messages(let field): ["messages", .string(field)]
        }
    }

    fileprivate init?(json: [JSONValue]) {
        let texts = json.compactMap(\.string)
        guard texts.count == json.count else { return nil }
        switch (texts.first, texts.count) {
        case ("prompt", 3): self = .promptCompletion(prompt: texts[1], completion: texts[2])
        case ("preference", 4): self = .preference(prompt: texts[1], chosen: texts[2], rejected: texts[3])
        case ("text", 2): self = .text(texts[1])
        case ("messages", 2): self = .messages(field: texts[1])
        default: return nil
        }
    }
}

extension JSONValue {
    /// The elements of a list of integers; nothing of anything else.
    fileprivate var integers: [Int]? {
        guard let elements = array else { return nil }
        let numbers = elements.compactMap(\.int)
        return numbers.count == elements.count ? numbers : nil
    }
}

extension JSONObject {
    fileprivate init(present members: [(key: String, value: JSONValue?)]) {
        self.init(members.compactMap { member in member.value.map { Member(key: member.key, value: $0) } })
    }
}
