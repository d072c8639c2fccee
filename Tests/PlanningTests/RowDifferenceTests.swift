//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import Testing

@testable import Planning

@Suite("Row differences")
struct RowDifferenceTests {
    private static let differences: [([String], [String], RowDifference)] = [
        (["a", "b"], ["b", "a"], RowDifference(added: 0, removed: 0)),
        (["a"], ["a", "b"], RowDifference(added: 1, removed: 0)),
        (["a", "b"], ["b"], RowDifference(added: 0, removed: 1)),
        (["a"], ["b"], RowDifference(added: 1, removed: 1)),
        (["a", "a", "b"], ["a", "c", "d"], RowDifference(added: 2, removed: 2)),
        (["a"], ["a", "a", "a"], RowDifference(added: 2, removed: 0)),
        (["a", "b", "b", "c"], ["d", "b", "c", "c", "e"], RowDifference(added: 3, removed: 2)),
        ([], [], RowDifference(added: 0, removed: 0)),
        (["a", "b", "c"], [], RowDifference(added: 0, removed: 3)),
        ([], ["a", "b", "c"], RowDifference(added: 3, removed: 0)),
    ]

    private static func reader(_ rows: [String]) -> () -> ContentDigest? {
        var digests = rows.map(Samples.digest).sorted()[...]
        return { digests.popFirst() }
    }

    @Test("are those of multisets", arguments: differences)
    func difference(_ old: [String], _ new: [String], _ expected: RowDifference) {
        #expect(RowDifference(from: Self.reader(old), to: Self.reader(new)) == expected)
    }
}
