//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import Testing

@Suite("The condition of a gate")
struct GateConditionTests {
    @Test(
        "compares the version with the base, a distance from it, or a number",
        arguments: [
            (">= base", 0.5, 0.5, true), ("> base", 0.5, 0.5, false), ("<= base", 0.5, 0.5, true),
            ("< base", 0.5, 0.4, true), (">= base + 0.25", 0.5, 0.75, true), (">= base + 0.25", 0.5, 0.74, false),
            ("<= base - 2", 3, 1, true), ("< base - 2", 3, 1, false), ("<= 1.2", 9, 1.2, true), ("> 1", 0, 1, false),
            (">= base + 0.2", 0.1, 0.3, true), ("> base + 0.2", 0.1, 0.3, false),
        ]
    )
    func compares(condition: String, base: Double, version: Double, isMet: Bool) throws {
        let gate = try #require(Gate(metric: "loss", condition: condition))
        #expect(gate.isMet(base: base, version: version) == isMet)
        #expect(gate.condition == condition)
    }

    @Test(
        "is refused where it is none",
        arguments: [
            "", "base", "== base", "=> base", ">= bass", ">= base 1", ">= base * 2", ">=", ">= nan", ">= -1", ">= inf",
            ">= 1 2", ">= base + x",
        ]
    )
    func refused(condition: String) { #expect(Gate(metric: "loss", condition: condition) == nil) }

    @Test("is not met by what was not measured, and judged by the rows that validate where there are some")
    func judged() throws {
        func comparison(_ set: VersionRecord.Comparison.ExampleSet, _ version: Double) -> VersionRecord.Comparison {
            VersionRecord.Comparison(metric: "f1", set: set, base: 0.5, version: version, interval: nil, examples: 1)
        }
        let gate = ["f1", "rougeL"].compactMap { Gate(metric: $0, condition: ">= 0.6") }
        func met(_ comparisons: [VersionRecord.Comparison]) -> [Bool] {
            VersionRecord.EvaluationResult(
                digest: .init(words: (0, 0, 0, 0)),
                base: .init(),
                version: .init(),
                answers: [],
                comparisons: comparisons
            ).judged(by: gate).gate.map(\.isMet)
        }
        #expect(met([comparison(.prompts, 0.9), comparison(.validation, 0.6)]) == [true, false])
        #expect(met([comparison(.prompts, 0.9), comparison(.validation, 0.1)]) == [false, false])
        #expect(met([comparison(.prompts, 0.9)]) == [true, false])
        #expect(met([]) == [false, false])
    }
}
