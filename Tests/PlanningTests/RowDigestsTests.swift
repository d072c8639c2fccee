//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import Testing

@testable import Planning

@Suite("Row digests")
struct RowDigestsTests {
    private static func digests(_ rows: [String]) -> RowDigests { RowDigests(rows.map(Samples.digest)) }

    @Test("are read back as they were written")
    func roundTrip() throws {
        let digests = Self.digests(["b", "a", "c", "a"])
        #expect(digests.sorted == digests.sorted.sorted())
        #expect(try RowDigests(bytes: Array(digests.text.utf8)[...]) == digests)
        #expect(try RowDigests(bytes: []) == RowDigests([]))
    }

    @Test("refuse text that is none")
    func damaged() {
        let text = Self.digests(["a", "b"]).text
        let others = ["G" + text.dropFirst(), text.replacing("\n", with: " "), text + "half", String(text.dropLast())]
        for damaged in others {
            #expect(throws: PlanningError.self) { try RowDigests(bytes: Array(damaged.utf8)[...]) }
        }
    }

    private static let differences: [([String], [String], RowDifference)] = [
        (["a", "b"], ["b", "a"], RowDifference(added: 0, removed: 0)),
        (["a"], ["a", "b"], RowDifference(added: 1, removed: 0)),
        (["a", "b"], ["b"], RowDifference(added: 0, removed: 1)),
        (["a"], ["b"], RowDifference(added: 1, removed: 1)),
        (["a", "a", "b"], ["a", "c", "d"], RowDifference(added: 2, removed: 2)),
        (["a"], ["a", "a", "a"], RowDifference(added: 2, removed: 0)),
        ([], [], RowDifference(added: 0, removed: 0)),
        (["a", "b", "c"], [], RowDifference(added: 0, removed: 3)),
    ]

    @Test("differ as multisets do", arguments: differences)
    func difference(_ old: [String], _ new: [String], _ expected: RowDifference) {
        #expect(Self.digests(new).difference(from: Self.digests(old)) == expected)
    }
}
