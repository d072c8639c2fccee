//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import Testing

@testable import Datasets

@Suite("Mixtures of datasets")
struct RowMixtureTests {
    private static func part(
        _ name: String,
        _ count: Int,
        weight: Double?,
        _ change: (inout Dataset) -> Void = { _ in }
    ) -> MixedRows {
        let lines = (1...count).map { "{\"n\": \($0), \"text\": \"\(name)\($0)\"}\n" }.joined(separator: "\n")
        var dataset = Dataset(source: .path(name))
        change(&dataset)
        return MixedRows(source: RowSource(name: name, bytes: Array(lines.utf8)), dataset: dataset, weight: weight)
    }

    private static func texts(
        _ parts: [MixedRows],
        _ change: (inout Dataset) -> Void = { _ in }
    ) throws -> [String] {
        var dataset = Dataset(source: .mix([]))
        change(&dataset)
        let source = try RowSource.mixing(parts, name: "mixed", template: nil)
        return try DatasetRenderer(dataset, template: nil).render(source).train.rows().flatMap(\.texts)
    }

    @Test("take rows in turn by their weights, until the one whose turn it is has none left")
    func weighted() throws {
        let parts = [Self.part("a", 5, weight: 2), Self.part("b", 9, weight: 1)]
        #expect(try Self.texts(parts) == ["a1", "a2", "b1", "a3", "a4", "b2", "a5"])
        let even = [Self.part("a", 2, weight: 0.5), Self.part("b", 9, weight: 0.5)]
        #expect(try Self.texts(even) == ["a1", "b1", "a2", "b2"])
    }

    @Test("say how many rows the weights leave out, beside what their own steps take")
    func leftOut() throws {
        var dataset = Dataset(source: .mix([]))
        dataset.limit = 4
        let parts = [Self.part("a", 2, weight: 1), Self.part("b", 9, weight: 2)]
        let source = try RowSource.mixing(parts, name: "mixed", template: nil)
        let steps = try #require(try DatasetRenderer(dataset, template: nil).render(source).steps)
        #expect((steps.rows, steps.beyondWeights, steps.beyondLimit, steps.kept) == (11, 4, 3, 4))
        let even = try RowSource.mixing([Self.part("a", 2, weight: nil)], name: "mixed", template: nil)
        #expect(try DatasetRenderer(Dataset(source: .mix([])), template: nil).render(even).steps == nil)
    }

    @Test("without weights take all rows of each")
    func whole() throws {
        let parts = [Self.part("a", 2, weight: nil), Self.part("b", 3, weight: nil)]
        #expect(try Self.texts(parts) == ["a1", "a2", "b1", "b2", "b3"])
    }

    @Test("take what the steps of each leave, and have steps of their own")
    func steps() throws {
        let parts = [
            Self.part("a", 9, weight: 1) { $0.filter = "n > 6" },
            Self.part("b", 9, weight: 1) { ($0.shuffle, $0.limit) = (3, 4) },
        ]
        let all = try Self.texts(parts)
        #expect(all.count == 6 && all.filter { $0.hasPrefix("a") } == ["a7", "a8", "a9"])
        #expect(try Self.texts(parts) { $0.limit = 3 } == Array(all.prefix(3)))
        #expect(try Self.texts(parts) { $0.shuffle = 5 }.sorted() == all.sorted())
    }

    @Test("tell bad rows by the files that they come from")
    func badRows() throws {
        var bad = Self.part("b", 3, weight: nil)
        bad.source = RowSource(name: "b", bytes: Array("{\"text\": \"b1\"}\n\n{\"text\": 5}\n".utf8))
        let error = #expect(throws: DatasetError.self) {
            try Self.texts([Self.part("a", 2, weight: nil) { $0.shuffle = 1 }, bad])
        }
        let range = error?.diagnostics.first?.range
        #expect(range?.file == "b" && range?.start.line == 3)
    }

    @Test("check the pins of the files that they are made of")
    func pins() throws {
        let other = try #require(ContentDigest(rawValue: String(repeating: "0", count: 64)))
        let error = #expect(throws: DatasetError.self) {
            try Self.texts([Self.part("a", 2, weight: nil) { $0.sha256 = other }])
        }
        #expect(error?.code == .digestMismatch)
    }
}
