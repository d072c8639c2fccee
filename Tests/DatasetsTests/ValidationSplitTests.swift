//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Datasets
import Digest
import FtopsTestSupport
import JSON
import Resources
import Testing

@Suite("The validation split")
struct ValidationSplitTests {
    private static let seeds: [UInt64] = [5, 77, 4_242]

    /// Rows as they are rendered; about one in eight is a copy of another.
    private static func rows(_ count: Int, seed: UInt64) -> [String] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in "row \(UInt64.random(in: 0..<UInt64(count * 4), using: &generator))" }
    }

    /// For each row, whether it validates.
    private static func chosen(_ rows: [String], _ split: Dataset.Validation) throws -> [Bool] {
        let dataset = Dataset(source: .path("rows.jsonl"), validation: split)
        let lines = rows.map { JSONText.compact(["text": .string($0)]) + "\n" }.joined()
        return try DatasetRenderer(dataset, template: nil)
            .preview(RowSource(name: "rows.jsonl", bytes: Array(lines.utf8)), rows: 1...rows.count).rows
            .map(\.isValidation)
    }

    @Test("of a fraction moves no row when one is added, and keeps equal rows together", arguments: seeds)
    func fraction(_ seed: UInt64) throws {
        let rows = Self.rows(300, seed: seed)
        let split = Dataset.Validation.fraction(0.2, seed: Int(seed))
        let sides = try Self.chosen(rows, split)
        for place in stride(from: 0, through: rows.count, by: 37) {
            var more = rows
            more.insert("a new row", at: place)
            var after = try Self.chosen(more, split)
            after.remove(at: place)
            #expect(after == sides, "seed \(seed)")
        }
        let groups = Dictionary(grouping: zip(rows, sides), by: \.0).values
        #expect(groups.allSatisfy { Set($0.map(\.1)).count == 1 }, "seed \(seed)")
    }

    @Test("of a fraction takes about that share, all with 1 and none with 0", arguments: [0, 0.05, 0.3, 0.5, 1])
    func size(_ share: Double) throws {
        let rows = (0..<4000).map { "row \($0)" }
        let count = try Self.chosen(rows, .fraction(share, seed: 7)).filter { $0 }.count
        let deviation = 4 * (4000 * share * (1 - share)).squareRoot()
        #expect(abs(Double(count) - 4000 * share) <= deviation)
    }

    @Test("of a number of rows takes exactly that many and moves at most one when a row is added", arguments: seeds)
    func number(_ seed: UInt64) throws {
        let rows = Self.rows(300, seed: seed)
        let split = Dataset.Validation.rows(40, seed: Int(seed))
        let sides = try Self.chosen(rows, split)
        #expect(sides.filter { $0 }.count == 40)
        for added in 0..<30 {
            let place = added * 10
            var more = rows
            more.insert("new \(added)", at: place)
            var after = try Self.chosen(more, split)
            after.remove(at: place)
            #expect(zip(after, sides).filter { $0 != $1 }.count <= 1, "seed \(seed), row \(added)")
        }
    }

    @Test("of a number of rows does not grow over it where the lowest rows are equal")
    func equalRows() throws {
        let sides = try Self.chosen([String](repeating: "same", count: 9), .rows(4, seed: 1))
        #expect(sides == [true, true, true, true, false, false, false, false, false])
    }

    @Test("changes with the seed")
    func seedMatters() throws {
        let rows = (0..<200).map { "row \($0)" }
        #expect(try Self.chosen(rows, .fraction(0.5, seed: 1)) != Self.chosen(rows, .fraction(0.5, seed: 2)))
        #expect(try Self.chosen(rows, .rows(50, seed: 1)) != Self.chosen(rows, .rows(50, seed: 2)))
    }

    @Test("places a row by the SHA-256 over seed, line feed and row")
    func place() throws {
        let rows = (0..<200).map { "row \($0)" }
        let places = rows.map { SHA256Digest.of("-7\n" + JSONText.compact(["text": .string($0)])).hex }
        #expect(try Self.chosen(rows, .fraction(0.5, seed: -7)) == places.map { $0 < "8" })
        let lowest = Set(places.sorted().prefix(30))
        #expect(try Self.chosen(rows, .rows(30, seed: -7)) == places.map(lowest.contains))
    }
}
