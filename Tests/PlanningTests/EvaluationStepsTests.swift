//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import Testing

@testable import Planning

@Suite("Differences of the steps between evaluations")
struct EvaluationStepsTests {
    private typealias Values = [String: HyperparameterValue]

    private static let best: Values = ["keep": .text("best"), "eval_steps": .integer(5)]

    @Test("are reasons where, and only where, they decide the weights")
    func reasons() {
        func fields(_ old: Values, _ new: Values) -> [String] {
            let version = Samples.version(of: Samples.inputs(parameters: old))
            let request = Samples.request(inputs: Samples.inputs(parameters: new))
            return Differences.reasons(request, since: version).map(\.field)
        }
        #expect(fields(Self.best, Self.best).isEmpty)
        #expect(fields([:], ["eval_steps": .integer(5)]).isEmpty)
        #expect(fields(Self.best, Self.best.merging(["eval_steps": .integer(9)]) { $1 }) == ["eval_steps"])
        #expect(fields(Self.best, [:]) == ["eval_steps", "keep"])
        #expect(fields([:], Self.best) == ["eval_steps", "keep"])
    }

    @Test("are told of two fingerprints where they decide the weights")
    func changes() {
        func changes(_ old: Values, _ new: Values) -> [FieldChange] {
            let sides = [old, new].map { FieldChange.Side(Samples.inputs(parameters: $0)) }
            return FieldChange.all(from: sides[0], to: sides[1]).filter { $0.field == "eval_steps" }
        }
        #expect(changes([:], ["eval_steps": .integer(5)]).isEmpty)
        let patience: Values = ["early_stopping_patience": .integer(2)]
        let both = changes(patience, patience.merging(["eval_steps": .integer(5)]) { $1 })
        #expect(both == [FieldChange(field: "eval_steps", old: "none", new: "5", isChanged: true)])
    }
}
