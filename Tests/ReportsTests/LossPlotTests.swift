//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import Testing

@testable import Reports

@Suite("The loss curve in a terminal")
struct LossPlotTests {
    private func points(_ losses: [Double]) -> [VersionRecord.LossPoint] {
        losses.enumerated().map { VersionRecord.LossPoint(step: $0.offset + 1, loss: $0.element) }
    }

    @Test("falls from the highest loss at its left to the lowest, under which the steps stand")
    func falls() {
        let lines = LossPlot.lines(points((0..<40).map { 4 - Double($0) / 10 }), width: 30, height: 4)
        #expect(lines.count == 5)
        #expect(lines.allSatisfy { $0.count == 30 }, "\(lines)")
        #expect(lines[0].hasPrefix("4.0000 │") && lines[3].hasPrefix("0.1000 │") && lines[4].hasSuffix("40"))
        #expect(lines[0].last == " " && lines[3].last != " ")
    }

    @Test("has validation losses as circles, and room for the steps to come")
    func validation() {
        let validation = [VersionRecord.LossPoint(step: 0, loss: 5), VersionRecord.LossPoint(step: 10, loss: 1)]
        let lines = LossPlot.lines(points([4, 3, 2]), validation: validation, steps: 100, width: 40, height: 5)
        #expect(lines[0].contains("│○") && lines[4].contains("○"), "\(lines)")
        #expect(lines.last?.hasSuffix("100") == true && lines[4].last == " ")
    }

    @Test("of one step is a dot, of equal losses a line, and of none nothing")
    func few() {
        #expect(LossPlot.lines([]).isEmpty)
        #expect(LossPlot.lines(points([.nan])).isEmpty)
        let one = LossPlot.lines(points([2.5]), width: 30, height: 3)
        #expect(one.dropLast().joined().unicodeScalars.contains { (0x2801...0x28FF).contains($0.value) })
        let flat = LossPlot.lines(points([1, 1, 1]), width: 30, height: 3)
        #expect(flat.filter { $0.unicodeScalars.contains { (0x2801...0x28FF).contains($0.value) } }.count == 1)
    }
}
