//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import Testing

@testable import Planning

@Suite("A plan at rest")
struct RestingPlanTests {
    private static let finding = Diagnostic("long-rows", "some are long", severity: .warning, range: nil)

    private static func plan(_ change: (inout Plan) -> Void = { _ in }) -> Plan {
        let version = Samples.version()
        let item = PlanItem(
            fineTunes: [Samples.name, ResourceName(rawValue: "second")],
            request: Samples.request(),
            fingerprint: version.fingerprint,
            run: nil,
            action: .upToDate(version)
        )
        var plan = Plan(origin: Plan.Origin(commit: "a", branch: "main", ledger: .seen(tip: "b")), items: [item])
        change(&plan)
        return plan
    }

    @Test("counts all fine-tunes")
    func rests() {
        let plan = Self.plan { $0.items += $0.items }
        #expect(RestingPlan(plan) == RestingPlan(origin: plan.origin, fineTunes: 4))
    }

    @Test("is none where there is anything else to say")
    func restless() {
        let changes: [(inout Plan) -> Void] = [
            { $0.items = [] }, { $0.items[0].action = .create }, { $0.items[0].findings = [Self.finding] },
            { $0.warnings = [Self.finding] }, { $0.unplanned = [Samples.name] }, { $0.origin.uncommitted = ["x"] },
            { $0.origin.base = "main" }, { $0.origin.isUntrusted = true }, { $0.origin.ledger = .none },
            { $0.origin.ledger = .notSeen(reason: "away") },
        ]
        for (index, change) in changes.enumerated() { #expect(RestingPlan(Self.plan(change)) == nil, "\(index)") }
    }
}
