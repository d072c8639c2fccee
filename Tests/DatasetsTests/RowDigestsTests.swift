//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Datasets
import Digest
import FtopsTestSupport
import Testing

@Suite("Row digests")
struct RowDigestsTests {
    private static func digests(_ rows: [String]) -> RowDigests { RowDigests(rows.map { SHA256Digest.of($0) }) }

    @Test("are read back as they were written")
    func roundTrip() {
        let digests = Self.digests(["b", "a", "c", "a"])
        #expect(digests.digests == digests.digests.sorted())
        #expect(RowDigests.decode(digests.encode()) == digests)
        #expect(RowDigests.decode([]) == RowDigests([]))
    }

    @Test("refuse bytes that are none")
    func damaged() {
        let bytes = Self.digests(["a", "b"]).encode()
        #expect(RowDigests.decode(Array(bytes.dropLast())) == nil)
        #expect(RowDigests.decode([0x47] + bytes.dropFirst()) == nil)
        #expect(RowDigests.decode(bytes.map { $0 == 0x0A ? 0x20 : $0 }) == nil)
    }

    private static let differences: [([String], [String], String)] = [
        (["a", "b"], ["b", "a"], ""),
        (["a"], ["a", "b"], "+1 row"),
        (["a", "b"], ["b"], "-1 row"),
        (["a"], ["b"], "+1 -1 rows"),
        (["a", "a", "b"], ["a", "c", "d"], "+2 -2 rows"),
        (["a"], ["a", "a", "a"], "+2 rows"),
        ([], [], ""),
        (["a", "b", "c"], [], "-3 rows"),
    ]

    @Test("differ as multisets do", arguments: differences)
    func difference(_ old: [String], _ new: [String], _ text: String) {
        let difference = RowDifference(from: Self.digests(old), to: Self.digests(new))
        #expect(difference.text == text)
        #expect(difference.isEmpty == text.isEmpty)
    }

    @Test("differ as counting each row says", arguments: [8, 9, 10] as [UInt64])
    func random(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let make: (inout SeededGenerator) -> [String] = { generator in
            (0..<200).map { _ in "\(generator.next() % 90)" }
        }
        let (old, new) = (make(&generator), make(&generator))
        let counts = { (rows: [String]) in Dictionary(rows.map { ($0, 1) }, uniquingKeysWith: +) }
        let (left, right) = (counts(old), counts(new))
        let added = right.reduce(0) { $0 + max(0, $1.value - (left[$1.key] ?? 0)) }
        let removed = left.reduce(0) { $0 + max(0, $1.value - (right[$1.key] ?? 0)) }
        let difference = RowDifference(from: Self.digests(old), to: Self.digests(new))
        #expect([difference.added, difference.removed] == [added, removed], "seed \(seed)")
    }
}
