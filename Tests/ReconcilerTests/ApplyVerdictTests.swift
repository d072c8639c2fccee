//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Planning
import Resources
import Testing

@testable import Reconciler

@Suite("ApplyVerdict")
struct ApplyVerdictTests {
    private static func result(
        _ outcome: ApplyResult.Outcome,
        isBlocked: Bool = false,
        isGated: Bool = true,
        version: VersionRecord? = nil
    ) -> ApplyResult {
        var result = ApplyResult(
            fineTunes: [ResourceName(rawValue: "triage")],
            destination: ModelName(owner: "acme", name: "triage"),
            action: "create",
            outcome: outcome,
            detail: "",
            isBlocked: isBlocked,
            isGated: isGated
        )
        result.version = version
        return result
    }

    @Test("is a failure before a gate, and a gate before a block")
    func order() throws {
        var version = try Samples.version()
        version.evaluation = VersionRecord.EvaluationResult(
            digest: version.id,
            base: .init(),
            version: .init(),
            answers: [],
            gate: [VersionRecord.Verdict(metric: "loss", condition: "< base")]
        )
        let done = Self.result(.done)
        let skipped = Self.result(.skipped)
        let blocked = Self.result(.skipped, isBlocked: true)
        let gate = Self.result(.done, version: version)
        let failed = Self.result(.failed)
        #expect(ApplyVerdict.of([]) == .done)
        #expect(ApplyVerdict.of([done, skipped]) == .done)
        #expect(ApplyVerdict.of([done, blocked]) == .blocked)
        #expect(ApplyVerdict.of([blocked, gate, done]) == .gateNotMet)
        #expect(ApplyVerdict.of([blocked, gate, failed]) == .failed)
        // Nobody asks for what the version was judged by once.
        #expect(ApplyVerdict.of([Self.result(.done, isGated: false, version: version)]) == .done)
    }

    @Test("a block fails an apply where somebody has to change something")
    func kinds() {
        let failing = Action.Block.Kind.allCases.filter(\.failsApply)
        #expect(failing == [.policy, .budget, .backend])
    }
}
