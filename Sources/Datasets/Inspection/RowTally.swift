//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
internal import JSON
internal import Packing
internal import Resources

/// Adds up rows in their order: which side they are on, and which of them come again.
struct RowTally: Sendable {
    private var facts = DataFacts()
    private var seen = (train: SampledSet(), validation: SampledSet())
    private var validating: [(hash: UInt64, number: Int)] = []
    private var asked: Set<Int> = []
    private var number = 0
    private var isValidation = false
    /// How rows are parted, which whoever goes on has to say again.
    var parting: RowParting
    private var place = 0

    /// Validation rows that are looked for among those that train.
    private static let mostValidating = 1 << 20

    /// Makes a tally of rows that are parted in one way.
    init(_ parting: RowParting) { self.parting = parting }

    /// Goes on with the rows of another source, all of which validate.
    mutating func beginValidation() {
        (isValidation, parting) = (true, .none)
        number = 0
    }

    /// Adds the next rows; `places` are those by which they are parted, where places tell it.
    mutating func add(_ records: [RowRecord], places: [SHA256Digest]) {
        for (index, record) in records.enumerated() {
            number += 1
            let validates = isValidation || isChosen(places.indices.contains(index) ? places[index] : nil)
            count(record, validates)
            compare(record, validates)
            guard !record.traits.isEmpty else { continue }
            for trait in RowTrait.allCases where record.traits.contains(RowTraits(trait)) {
                facts.traits[trait, default: .init()].add(isValidation ? nil : number)
            }
        }
    }

    private mutating func isChosen(_ digest: SHA256Digest?) -> Bool {
        switch parting {
        case .none: return false
        case .fraction(let share, _): return digest?.isBelow(share) ?? false
        case .numbers(let chosen):
            guard place < chosen.count, chosen[place] == number - 1 else { return false }
            place += 1
            return true
        }
    }

    private mutating func count(_ record: RowRecord, _ validates: Bool) {
        if validates { Self.add(record, to: &facts.validation) } else { Self.add(record, to: &facts.train) }
        guard record.tokens > facts.longest.count else { return }
        facts.longest = DataFacts.Found(count: record.tokens, first: isValidation ? nil : number)
    }

    private static func add(_ record: RowRecord, to side: inout DataFacts.Side) {
        side.rows += 1
        // The line feed behind it.
        side.bytes += record.bytes + 1
        side.lengths.add(record.tokens)
        side.prompts.add(record.promptTokens)
    }

    private mutating func compare(_ record: RowRecord, _ validates: Bool) {
        if validates {
            if seen.validation.add(record.hash) {
                facts.duplicates.add(isValidation ? nil : number, times: seen.validation.weight)
            }
            if validating.count < Self.mostValidating { validating.append((record.hash, number)) }
            return
        }
        if seen.train.add(record.hash) { facts.duplicates.add(number, times: seen.train.weight) }
        if record.question > 0, asked.insert(record.question).inserted { facts.asked.count += 1 }
    }

    /// What was found, once all rows have been added.
    func finish() -> DataFacts {
        var facts = facts
        for (hash, number) in validating where seen.train.contains(hash) {
            facts.leaked.add(number, times: seen.train.weight)
        }
        facts.asked.first = asked.min()
        facts.areRepeatsEstimated = max(seen.train.weight, seen.validation.weight) > 1
        return facts
    }
}

extension RowTally: Packable {
    func pack(to packer: inout Packer) {
        packer.run(Array(JSONText.compact(facts.json).utf8)[...])
        packer.value(seen.train)
        packer.value(seen.validation)
        packer.list(validating) { packer, row in
            packer.word(row.hash)
            packer.int(row.number)
        }
        packer.list(asked.sorted()) { $0.int($1) }
        packer.int(number)
    }

    init(from unpacker: inout Unpacker) throws(PackingError) {
        self.init(.none)
        let json = try? JSONParser.parse(try unpacker.run())
        guard let facts = json.flatMap(DataFacts.init(json:)) else { throw PackingError() }
        self.facts = facts
        seen = (try unpacker.value(), try unpacker.value())
        validating = try unpacker.list { unpacker throws(PackingError) in (try unpacker.word(), try unpacker.int()) }
        asked = Set(try unpacker.list { unpacker throws(PackingError) in try unpacker.int() })
        number = try unpacker.int()
    }
}
