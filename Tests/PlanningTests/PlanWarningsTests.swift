//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import Testing

@testable import Planning

@Suite("Warnings of a plan")
struct PlanWarningsTests {
    private static let lines = ["spec.warnings.deny": 8, "spec.warnings.deny[0]": 9, "spec.warnings.deny[1]": 10]

    private static func project(silence: Set<String> = [], deny: [String] = [], _ policies: Policies = Policies())
        -> Located<Project>
    {
        var project = Project(policies: policies)
        (project.warnings.silence, project.warnings.deny) = (silence, deny)
        return Samples.project(project, fields: lines.mapValues { Samples.range($0) })
    }

    private static func finding(_ id: String, _ text: String = "something") -> Diagnostic {
        Diagnostic(Diagnostic.ID(rawValue: id), text, severity: .warning, range: Samples.range(3))
    }

    private static func plan(
        _ requests: [TrainingRequest] = [Samples.request()],
        versions: [VersionRecord] = [],
        project: Located<Project>?,
        _ findings: [Diagnostic]
    ) -> Plan {
        var inputs = Planner.Inputs(
            origin: Plan.Origin(commit: nil, branch: nil),
            requests: requests,
            versions: versions,
            now: Timestamp(seconds: 1_000_000),
            project: project
        )
        inputs.findings = { _, _ in findings }
        return Planner.plan(inputs)
    }

    private static let both = [finding("duplicate-rows"), finding("personal-data", "an address")]

    @Test("are said once, however many items they are about")
    func once() {
        let requests = [Samples.request("a"), Samples.request("b", to: Samples.other)].enumerated().map { index, one in
            var request = one
            request.inputs.train = Samples.digest("\(index)")
            return request
        }
        let plan = Self.plan(requests, project: nil, Self.both)
        #expect(plan.warnings == Self.both && plan.count("create") == 2)
    }

    @Test("are left out where Project silences them, and block nothing")
    func silence() {
        let plan = Self.plan(project: Self.project(silence: ["duplicate-rows"]), Self.both)
        #expect(plan.warnings == [Self.both[1]] && plan.items[0].action == .create)
    }

    @Test("block as a policy does where Project denies them, at the line that says so")
    func deny() {
        let project = Self.project(deny: ["long-rows", "personal-data"])
        let plan = Self.plan(project: project, Self.both)
        let reason = "an address [personal-data]"
        #expect(
            plan.items[0].action
                == .blocked(Action.Block(kind: .policy, reason: reason, range: Samples.range(10)))
        )
        #expect(plan.warnings == Self.both && plan.items[0].estimate != nil)
        let silent = Self.plan(project: Self.project(silence: ["personal-data"], deny: ["personal-data"]), Self.both)
        #expect(silent.count("blocked") == 1 && silent.warnings == [Self.both[0]])
    }

    @Test("block what goes on from what they block")
    func dependency() {
        let root = Samples.request("root")
        var child = Samples.request("child", to: Samples.other)
        child.inputs.parent = .init(fineTune: root.fineTune, fingerprint: root.fingerprint())
        var inputs = Planner.Inputs(
            origin: Plan.Origin(commit: nil, branch: nil),
            requests: [root, child],
            versions: [],
            now: Timestamp(seconds: 1_000_000),
            project: Self.project(deny: ["personal-data"])
        )
        inputs.findings = { item, _ in item.fineTunes == [root.fineTune] ? [Self.both[1]] : [] }
        let plan = Planner.plan(inputs)
        guard case .blocked(let first) = plan.items[0].action, case .blocked(let second) = plan.items[1].action else {
            return #expect(Bool(false), "\(plan.items.map(\.action))")
        }
        #expect(first.kind == .policy && second.kind == .dependency)
    }

    @Test("are not looked for where nothing is to be trained")
    func upToDate() {
        let plan = Self.plan(versions: [Samples.version()], project: Self.project(deny: ["personal-data"]), Self.both)
        #expect(plan.warnings.isEmpty && plan.count("up-to-date") == 1)
        var held = Samples.request()
        held.terms.suspension = Suspension(reason: "later", until: nil)
        #expect(Self.plan([held], project: nil, Self.both).warnings.isEmpty)
    }

    @Test("come behind policies, and a fine-tune that failed stays failed")
    func order() {
        let project = Self.project(deny: ["personal-data"], Policies(bases: [NamePattern("llama-*")]))
        guard case .blocked(let block) = Self.plan(project: project, Self.both).items[0].action else {
            return #expect(Bool(false))
        }
        #expect(block.reason.contains("none of those allowed"))
    }

    @Test("of two fine-tunes that ask for the same can be silenced and denied too")
    func sameTraining() {
        let requests = [Samples.request("a"), Samples.request("b")]
        #expect(Self.plan(requests, project: nil, []).warnings.map(\.id.rawValue) == ["same-training"])
        #expect(Self.plan(requests, project: Self.project(silence: ["same-training"]), []).warnings.isEmpty)
        let denied = Self.plan(requests, project: Self.project(deny: ["same-training"]), [])
        #expect(denied.count("blocked") == 1)
    }
}
