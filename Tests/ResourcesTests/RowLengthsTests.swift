//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import Testing

@Suite("Row lengths")
struct RowLengthsTests {
    @Test("keep rows and tokens exactly, and lengths within an eighth")
    func buckets() {
        let lengths = Array(0...40) + [100, 1000, 100_000, 4096]
        let histogram = RowLengths(lengths)
        #expect(histogram.rows == lengths.count)
        #expect(histogram.tokens == lengths.reduce(0, +))
        for length in lengths {
            let kept = RowLengths([length]).quantile(0.5)
            #expect(kept == length)
        }
        let mixed = RowLengths([4096, 4500])
        #expect(mixed.groups.count == 1)
        #expect(RowLengths([4096, 5000]).groups.count == 2)
    }

    @Test("say how many rows are longer than a limit")
    func over() {
        let histogram = RowLengths([1, 2, 3, 2048, 2049, 9000])
        #expect(histogram.rows(over: 2) == 4)
        #expect(histogram.rows(over: 4096) == 1)
        #expect(histogram.rows(over: 9000) == 0)
        #expect(histogram.quantile(0) == 1)
        #expect(histogram.quantile(1) == 9000)
        #expect(RowLengths().quantile(0.5) == 0)
    }

    @Test("can be lengthened and cut")
    func lengthened() {
        let rows = RowLengths([1, 7, 20, 3000]).lengthened(by: 2, limit: 100)
        #expect(rows == RowLengths([3, 9, 22, 100]))
    }

    @Test("can be kept and added up")
    func figures() throws {
        var one = RowLengths([5, 700])
        let kept = try #require(RowLengths(figures: one.figures))
        #expect(kept == one)
        one.add(RowLengths([5, 9]))
        #expect(one.rows == 4)
        #expect(RowLengths(figures: [1, 2]) == nil)
        #expect(RowLengths(figures: [1, -2, 3]) == nil)
        #expect(RowLengths(figures: [1 << 40, 2, 3]) == nil)
    }
}
