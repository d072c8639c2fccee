//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import FtopsTestSupport
import Resources
import Testing

@testable import Planning

@Suite("A plan")
struct PlanPurityTests {
    @Test("is a pure function: the order in which requests and versions come changes nothing", arguments: 1...40)
    func pure(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let rates: [HyperparameterValue] = [.number(1e-4), .number(2e-4), .number(3e-4)]
        let inputs = rates.map { Samples.inputs(parameters: ["learning_rate": $0]) }
        let requests = (0..<6).map { number in
            Samples.request(
                "tune-\(number)",
                to: Bool.random(using: &generator) ? Samples.model : Samples.other,
                inputs: inputs[Int.random(in: 0..<3, using: &generator)]
            )
        }
        let versions = (1...4).map { number in
            Samples.version(
                of: inputs[Int.random(in: 0..<3, using: &generator)],
                in: Bool.random(using: &generator) ? Samples.model : Samples.other,
                number: number,
                fineTune: "tune-\(Int.random(in: 0..<6, using: &generator))"
            )
        }
        let unique = Dictionary(versions.map { ("\($0.id)\($0.model)", $0) }) { first, _ in first }.values
        let origin = Plan.Origin(commit: "feed", branch: "main")
        func plan(_ requests: [TrainingRequest], _ versions: [VersionRecord]) -> Plan {
            Planner.plan(
                Planner.Inputs(origin: origin, requests: requests, versions: versions, now: Timestamp(seconds: 0))
            )
        }
        let first = plan(requests, unique.sorted { $0.id < $1.id })
        for _ in 0..<5 {
            #expect(plan(requests.shuffled(using: &generator), unique.shuffled(using: &generator)) == first)
        }
    }
}
