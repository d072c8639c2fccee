//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import Testing

@testable import Planning

@Suite("Planner with fine-tunes of fine-tunes")
struct PlannerGraphTests {
    /// A fine-tune that goes on from another one's request.
    private static func child(
        _ name: String,
        of parent: TrainingRequest,
        train: String = "more rows"
    ) -> TrainingRequest {
        var request = Samples.request(name, to: ModelName(owner: "acme", name: name))
        request.inputs.train = Samples.digest(train)
        request.inputs.parent = .init(fineTune: parent.fineTune, fingerprint: parent.fingerprint())
        request.terms.fields = ["spec.base": Samples.range(4)]
        return request
    }

    private static func plan(
        _ requests: [TrainingRequest],
        versions: [VersionRecord] = [],
        ledger: [RunEntry] = []
    ) -> Plan {
        Planner.plan(
            Planner.Inputs(
                origin: Plan.Origin(commit: nil, branch: nil),
                requests: requests,
                versions: versions,
                now: Timestamp(seconds: 1_000_000),
                ledger: Dictionary(uniqueKeysWithValues: ledger.map { ($0.fingerprint, $0) })
            )
        )
    }

    @Test("plans a whole graph at once, what is gone on from first")
    func order() {
        let root = Samples.request("z")
        let second = Self.child("m", of: root)
        let third = Self.child("a", of: second)
        let other = Self.child("b", of: root, train: "others")
        let plan = Self.plan([third, other, second, root])
        #expect(plan.items.map { $0.fineTunes[0].rawValue } == ["z", "b", "m", "a"])
        #expect(plan.items.allSatisfy { $0.action == .create && $0.estimate != nil })
        #expect(plan.items[2].reasons.first == Reason(field: "base", new: "z"))
        #expect(Set(plan.items.map(\.fingerprint)).count == 4)
    }

    @Test("has the parent's fingerprint for its base, and no other part of it")
    func fingerprint() {
        let root = Samples.request()
        let child = Self.child("child", of: root)
        var inputs = FingerprintInputs(child.inputs)
        #expect(inputs.base == root.fingerprint().rawValue)
        inputs.base = child.inputs.baseIdentity
        #expect(inputs.fingerprint != child.fingerprint())
        var renamed = child
        renamed.inputs.parent?.fineTune = ResourceName(rawValue: "renamed")
        renamed.inputs.parent?.version = Samples.digest("trained")
        #expect(renamed.fingerprint() == child.fingerprint())
    }

    @Test("updates what goes on from a fine-tune that changed, and says that its base did")
    func changed() throws {
        let old = Samples.request()
        let child = Self.child("child", of: old)
        let versions = [
            Samples.version(),
            Samples.version(of: child.inputs, in: child.destination, fineTune: "child"),
        ]
        #expect(Self.plan([old, child], versions: versions).items.map(\.action.word) == ["up-to-date", "up-to-date"])
        let new = Samples.request(inputs: Samples.inputs(train: "edited"))
        let plan = Self.plan([new, Self.child("child", of: new)], versions: versions)
        #expect(plan.items.map(\.action) == [.update, .update])
        #expect(plan.items[1].reasons == [Reason(field: "base", new: "triage (changed)")])
    }

    @Test("goes on from the version of another trainer's number that its base has")
    func otherTrainer() throws {
        let parent = Samples.request()
        let version = Samples.version(trainer: TrainerNumber.current + 1)
        var child = Self.child("child", of: parent)
        let item = try #require(Self.plan([parent, child], versions: [version]).items.last)
        child.inputs.parent?.fingerprint = version.fingerprint
        #expect(item.request.inputs.parent?.fingerprint == version.fingerprint)
        #expect(item.fingerprint == child.fingerprint())
    }

    @Test("is blocked while its base can have no version, down the whole chain")
    func blocked() throws {
        let failed = Samples.entry(.failed)
        let root = Samples.request()
        var suspended = root
        suspended.terms.suspension = Suspension(reason: "holidays")
        var elsewhere = root
        elsewhere.backend = .slurm
        let cases: [(TrainingRequest, [RunEntry], String)] = [
            (root, [failed], "its base triage has failed (unknown)"),
            (suspended, [], "its base triage is blocked (suspended)"),
            (elsewhere, [], "its base triage is blocked (backend)"),
        ]
        for (parent, ledger, reason) in cases {
            let child = Self.child("child", of: parent)
            let plan = Self.plan([parent, child, Self.child("grandchild", of: child)], ledger: ledger)
            let block = Action.Block(kind: .dependency, reason: reason, range: Samples.range(4))
            #expect(plan.items[1].action == .blocked(block))
            #expect(plan.items[2].action.word == "blocked" && plan.items[2].estimate != nil)
        }
    }

    @Test("stays what it is where it is trained, whatever became of its base")
    func trained() {
        let root = Samples.request()
        let child = Self.child("child", of: root)
        let version = Samples.version(of: child.inputs, in: child.destination, fineTune: "child")
        let plan = Self.plan([root, child], versions: [version], ledger: [Samples.entry(.failed)])
        #expect(plan.items.map(\.action.word) == ["failed", "up-to-date"])
    }
}
