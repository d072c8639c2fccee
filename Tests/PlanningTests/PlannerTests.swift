//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import Testing

@testable import Planning

@Suite("Planner")
struct PlannerTests {
    private static func plan(
        _ requests: [TrainingRequest] = [Samples.request()],
        versions: [VersionRecord] = [],
        ledger: [RunEntry] = [],
        now: Timestamp = Timestamp(seconds: 1_000_000),
        project: Located<Project>? = nil,
        declared: [ResourceName: ModelName]? = nil,
        loss: @escaping (VersionRecord) -> String? = { _ in nil },
        rows: RowDifference? = nil
    ) -> Plan {
        Planner.plan(
            Planner.Inputs(
                origin: Plan.Origin(commit: "0123456789abcdef", branch: "main"),
                requests: requests,
                versions: versions,
                now: now,
                project: project,
                ledger: Dictionary(uniqueKeysWithValues: ledger.map { ($0.fingerprint, $0) }),
                ledgerRoot: "root",
                me: HolderID(rawValue: "me"),
                declared: declared,
                loss: loss,
                rowDifference: { _, _ in rows }
            )
        )
    }

    private static func item(_ plan: Plan) throws -> PlanItem { try #require(plan.items.first) }

    @Test("creates what was never trained, with all that it asks for and an estimate")
    func creates() throws {
        let inputs = Samples.inputs(parameters: ["learning_rate": .number(2e-4)])
        let item = try Self.item(Self.plan([Samples.request(inputs: inputs)]))
        #expect(item.action == .create)
        #expect(item.action.isChange)
        #expect(item.reasons.map(\.field) == ["base", "dataset", "rows", "template", "learning_rate"])
        #expect(item.reasons.last?.new == "2e-4")
        #expect(item.estimate?.steps == 8)
        #expect(item.run == RunID.of(item.fingerprint, ledgerRoot: "root"))
    }

    @Test("is up-to-date with a version of the fingerprint in the destination, whatever was trained since")
    func revert() throws {
        let since = Samples.version(of: Samples.inputs(train: "edited"), number: 2)
        let plan = Self.plan(versions: [Samples.version(), since])
        #expect(try Self.item(plan).action == .upToDate(Samples.version()))
        #expect(!plan.hasChanges)
    }

    @Test("stays up-to-date when the fine-tune is renamed")
    func renamed() throws {
        let plan = Self.plan([Samples.request("renamed")], versions: [Samples.version()])
        #expect(try Self.item(plan).action == .upToDate(Samples.version()))
    }

    @Test("updates field by field against the newest version, with the rows that came and went")
    func updates() throws {
        var old = Samples.inputs(parameters: ["lora_rank": .integer(4)])
        old.rowDigests = Samples.digest("artifact")
        var new = Samples.inputs(train: "edited", parameters: ["learning_rate": .number(2e-4)])
        new.trainRows = 241
        new.form = .text("{a}")
        let plan = Self.plan(
            [Samples.request(inputs: new)],
            versions: [Samples.version(of: old)],
            rows: RowDifference(added: 1, removed: 0)
        )
        let item = try Self.item(plan)
        #expect(item.action == .update)
        #expect(item.rowDifference == RowDifference(added: 1, removed: 0))
        #expect(
            item.reasons == [
                Reason(field: "rows", old: "240 + 12 validation", new: "241 + 12 validation"),
                Reason(field: "template", new: "ticket (changed)"),
                Reason(field: "learning_rate", old: "1e-4", new: "2e-4"),
                Reason(field: "lora_rank", old: "4", new: "8"),
            ]
        )
    }

    @Test("updates a fine-tune that goes to another model now, and says so")
    func moved() throws {
        let inputs = Samples.inputs(parameters: ["lora_rank": .integer(4)])
        let older = Samples.version(of: inputs, in: Samples.other)
        let request = Samples.request(inputs: Samples.inputs(train: "edited"))
        let item = try Self.item(Self.plan([request], versions: [older]))
        #expect(item.action == .update)
        #expect(item.reasons.map(\.field) == ["destination", "rows", "lora_rank"])
        #expect(item.reasons.first == Reason(field: "destination", old: "acme/elsewhere", new: "acme/triage"))
    }

    @Test("compares parameters by their meaning, as the fingerprint does")
    func sameMeaning() throws {
        let spelled: [String: HyperparameterValue] = [
            "target_modules": .list(["v_proj", "q_proj"]), "max_grad_norm": .integer(2),
        ]
        let old = Samples.inputs(train: "old", parameters: spelled)
        let again: [String: HyperparameterValue] = [
            "target_modules": .text("q_proj, v_proj"), "max_grad_norm": .number(2),
        ]
        let request = Samples.request(inputs: Samples.inputs(parameters: again))
        let item = try Self.item(Self.plan([request], versions: [Samples.version(of: old)]))
        #expect(item.reasons.map(\.field) == ["rows"])
    }

    @Test("says nothing of a parameter that the version's release did not know, at its default")
    func laterParameter() throws {
        var old = Samples.inputs(train: "old")
        old.parameters["lora_rank"] = nil
        let item = try Self.item(Self.plan(versions: [Samples.version(of: old)]))
        #expect(item.reasons.map(\.field) == ["rows"])
    }

    @Test("creates in a destination that has only other fine-tunes' versions")
    func otherFineTune() throws {
        let version = Samples.version(of: Samples.inputs(train: "old"), fineTune: "another")
        #expect(try Self.item(Self.plan(versions: [version])).action == .create)
    }

    @Test("reuses a version of another destination")
    func reusesElsewhere() throws {
        let version = Samples.version(in: Samples.other)
        let item = try Self.item(Self.plan(versions: [version]))
        #expect(item.action == .reuse(.published(version)))
        #expect(item.estimate == nil)
        #expect(item.reasons.map(\.field) == ["destination"])
        #expect(try Self.item(Self.plan([Samples.request("new")], versions: [version])).reasons.isEmpty)
    }

    @Test("reuses what the store has of a training that this repository has never had")
    func reusesStored() throws {
        let version = Samples.version(number: nil)
        let origin = Plan.Origin(commit: nil, branch: nil)
        let now = Timestamp(seconds: 1_000_000)
        var inputs = Planner.Inputs(origin: origin, requests: [Samples.request()], versions: [], now: now)
        inputs.stored = { $0 == Samples.request().fingerprint() ? version : nil }
        #expect(try Self.item(Planner.plan(inputs)).action == .reuse(.stored(version)))
        inputs.requests[0].backend = .replicate
        #expect(try Self.item(Planner.plan(inputs)).action.word == "blocked")
        inputs.requests[0].backend = .node
        let failed = Samples.entry(.failed)
        inputs.ledger = [failed.fingerprint: failed]
        #expect(try Self.item(Planner.plan(inputs)).action.isFailed)
    }

    @Test("reuses what the ledger has trained, published or not")
    func reusesLedger() throws {
        let version = Samples.version(number: nil)
        let trained = Self.plan(ledger: [Samples.entry(.trained, version: version)])
        #expect(try Self.item(trained).action == .reuse(.trained(version)))
        let published = Self.plan(ledger: [Samples.entry(.published, version: version)])
        #expect(try Self.item(published).action == .reuse(.published(version)))
    }

    @Test("trains once for two destinations of one plan")
    func reusesPlan() {
        let plan = Self.plan([Samples.request("b"), Samples.request("a", to: Samples.other)])
        #expect(plan.items.map(\.action) == [.create, .reuse(.plan(Samples.other))])
        #expect(plan.warnings.isEmpty)
    }

    @Test("makes one version of two fine-tunes that ask for the same, with a warning")
    func sameTraining() throws {
        let plan = Self.plan([Samples.request("b"), Samples.request("a")])
        let item = try Self.item(plan)
        #expect(plan.items.count == 1)
        #expect(item.fineTunes.map(\.rawValue) == ["a", "b"])
        #expect(plan.warnings.map(\.id.rawValue) == ["same-training"])
    }

    @Test("evaluates where the weights are current and the evaluation is not")
    func evaluates() throws {
        var request = Samples.request()
        request.evaluation = Evaluation(prompts: [["a": "1"]])
        var version = Samples.version()
        let item = try Self.item(Self.plan([request], versions: [version]))
        #expect(item.action == .evaluate(version))
        #expect(item.reasons == [Reason(field: "evaluation", new: "1 prompt")])
        let score = VersionRecord.Score()
        let digest = try #require(request.evaluation?.digest)
        version.evaluation = .init(digest: digest, base: score, version: score, answers: [])
        #expect(try Self.item(Self.plan([request], versions: [version])).action == .upToDate(version))
        #expect(try Self.item(Self.plan(versions: [version])).action == .upToDate(version))
    }

    @Test("configures where answers are to end otherwise, and trains nothing")
    func configures() throws {
        var request = Samples.request()
        request.inputs.stop = ["\n"]
        let item = try Self.item(Self.plan([request], versions: [Samples.version()]))
        #expect(item.action == .configure(Samples.version()) && item.action.isChange && !item.action.isTraining)
        #expect(item.reasons == [Reason(field: "stop", old: "none", new: #"["\n"]"#)] && item.estimate == nil)
        request.evaluation = Evaluation(prompts: [["a": "1"]])
        #expect(try Self.item(Self.plan([request], versions: [Samples.version()])).action.word == "evaluate")
    }

    @Test("has drifted where something of its version was lost, whatever else it asks for")
    func drifts() throws {
        let version = Samples.version()
        let plan = Self.plan(versions: [version], loss: { $0 == version ? "the store has no weights" : nil })
        #expect(try Self.item(plan).action == .drifted(.init(version: version, reason: "the store has no weights")))
        #expect(plan.hasChanges)
    }

    @Test("tells of versions that nothing asks for, by model, and not of a fine-tune's earlier ones")
    func orphans() throws {
        let earlier = Samples.version(of: Samples.inputs(train: "earlier"))
        let now = Samples.version(number: 2)
        let gone = [1, 2].map { (number: Int) in
            let inputs = Samples.inputs(train: "gone \(number)")
            return Samples.version(of: inputs, in: Samples.other, number: number, fineTune: "gone")
        }
        let moved = Samples.version(of: Samples.inputs(train: "moved"), in: Samples.other, number: 3)
        let versions = [earlier, now, gone[0], gone[1], moved]
        let plan = Self.plan(versions: versions, declared: [Samples.name: Samples.model])
        #expect(plan.items.map(\.action) == [.upToDate(now), .orphaned([moved, gone[1], gone[0]])])
        #expect(plan.items.last?.destination == Samples.other && !plan.hasChanges)
        #expect(Self.plan(versions: versions).items.count == 1)
        let renamed = Self.plan(
            [Samples.request("renamed")],
            versions: [now],
            declared: [ResourceName(rawValue: "renamed"): Samples.model]
        )
        #expect(renamed.items.map(\.action.word) == ["up-to-date"])
    }

    @Test("is in progress while somebody is at it", arguments: [RunEntry.State.claimed, .started, .paused])
    func inProgress(state: RunEntry.State) throws {
        let theirs = Self.plan(ledger: [Samples.entry(state)])
        let progress = Action.Progress(
            state: state,
            host: "gpu-1",
            isOwn: false,
            since: nil,
            until: Timestamp(seconds: 2_000_000)
        )
        #expect(try Self.item(theirs).action == .inProgress(progress))
        #expect(!theirs.hasChanges)
        #expect(try Self.item(theirs).reasons.map(\.field) == ["base", "dataset", "rows", "template"])
        var cancelled = Samples.entry(state)
        cancelled.request = .cancel
        guard case .inProgress(let ending) = try Self.item(Self.plan(ledger: [cancelled])).action else {
            return #expect(Bool(false))
        }
        #expect(ending.request == .cancel)
        let mine = try Self.item(Self.plan(ledger: [Samples.entry(state, holder: "me")])).action
        guard case .inProgress(let own) = mine else { return #expect(Bool(false), "\(mine)") }
        #expect(own.isOwn)
    }

    @Test("is failed with class, attempts and cost, and no change")
    func failed() throws {
        var entry = Samples.entry(.failed)
        entry.failure = RunEntry.Failure(kind: "memory", message: "out of memory")
        entry.attempts = [1, 2].map { number in
            RunEntry.Attempt(
                number: number,
                holder: entry.holder.id,
                backend: .node,
                estimate: .init(),
                started: Timestamp(seconds: 0),
                cost: Money(micros: 10)
            )
        }
        let plan = Self.plan(ledger: [entry])
        let failure = try #require(entry.failure)
        let failed = Action.Failed(failure: failure, attempts: 2, cost: Money(micros: 20))
        #expect(try Self.item(plan).action == .failed(failed))
        #expect(try Self.item(plan).estimate != nil && Self.item(plan).reasons.isEmpty == false)
        #expect(!plan.hasChanges)
        entry.attempts = entry.attempts.map { attempt in
            var attempt = attempt
            attempt.cost = nil
            return attempt
        }
        let unpriced = Action.Failed(failure: failure, attempts: 2, cost: nil)
        #expect(try Self.item(Self.plan(ledger: [entry])).action == .failed(unpriced))
    }

    @Test("is blocked where the node cannot have the base or does not train")
    func blocked() throws {
        var sourceless = Samples.request()
        sourceless.inputs.baseSource = nil
        var slurm = Samples.request()
        slurm.backend = .slurm
        for request in [sourceless, slurm] {
            let action = try Self.item(Self.plan([request])).action
            guard case .blocked(let block) = action else { return #expect(Bool(false), "\(action)") }
            #expect(block.kind == .backend)
            #expect(try Self.item(Self.plan([request], versions: [Samples.version()])).action.word == "up-to-date")
        }
        var hub = Samples.request()
        hub.inputs.baseSource = .huggingFace(id: "a/b", revision: "c")
        #expect(try Self.item(Self.plan([hub])).action.word == "create")
    }

    @Test("is suspended until its time comes, by its own manifest or by Project's")
    func suspended() throws {
        let until = Timestamp(seconds: 2_000_000)
        var own = Samples.request()
        own.terms.suspension = Suspension(reason: "the data is relabelled", until: until)
        own.terms.fields = ["spec.suspend": Samples.range(5)]
        let all = Samples.project(
            Project(suspension: Suspension(reason: "holidays")),
            fields: ["spec.suspend": Samples.range(7)]
        )
        let blocked = try Self.item(Self.plan([own]))
        let reason = "the data is relabelled until 1970-01-24T03:33:20Z"
        #expect(blocked.action == .blocked(.init(kind: .suspended, reason: reason, range: Samples.range(5))))
        #expect(blocked.estimate != nil && !blocked.action.isChange)
        #expect(try Self.item(Self.plan([own], now: until)).action == .create)
        let everything = try Self.item(Self.plan(now: until, project: all)).action
        #expect(everything == .blocked(.init(kind: .suspended, reason: "holidays", range: Samples.range(7))))
    }

    @Test("suspends whatever would be done, and nothing that is paid or under way")
    func suspends() throws {
        var request = Samples.request()
        request.terms.suspension = Suspension(reason: "holidays")
        let version = Samples.version()
        func word(_ versions: [VersionRecord], _ ledger: [RunEntry] = []) throws -> String {
            try Self.item(Self.plan([request], versions: versions, ledger: ledger)).action.word
        }
        #expect(try word([version]) == "up-to-date")
        #expect(try word([], [Samples.entry(.trained, version: version)]) == "reuse")
        #expect(try word([], [Samples.entry(.started)]) == "in-progress")
        #expect(try word([Samples.version(in: Samples.other)]) == "blocked")
        let again = try Self.item(Self.plan([request], ledger: [Samples.entry(.failed)])).action
        guard case .failed(let failed) = again else { return #expect(Bool(false)) }
        #expect(failed.block?.kind == .suspended)
        request.evaluation = Evaluation(prompts: [["a": "1"]])
        #expect(try word([version]) == "blocked")
    }

    @Test("keeps versions of another trainer's number unless Project wants them trained again")
    func trainers() throws {
        let old = Samples.version(trainer: TrainerNumber.current + 1)
        let kept = try Self.item(Self.plan(versions: [old]))
        #expect(kept.action == .upToDate(old))
        #expect(kept.fingerprint == old.fingerprint)
        let retrains = Samples.project(Project(onTrainerChange: .retrain))
        let again = try Self.item(Self.plan(versions: [old], project: retrains))
        #expect(again.action == .update)
        #expect(again.reasons.map(\.field) == ["trainer"])
    }

    @Test("takes over from another trainer's number what was trained, and not what failed")
    func otherTrainersRuns() throws {
        let other = TrainerNumber.current + 1
        let version = Samples.version(trainer: other)
        var entry = Samples.entry(.trained, version: version)
        entry.fingerprint = version.fingerprint
        let failed = Samples.entry(.failed)
        #expect(try Self.item(Self.plan(ledger: [failed, entry])).action == .reuse(.trained(version)))
        entry.state = .failed
        let marker = Samples.version(of: Samples.inputs(train: "x"), in: Samples.other, trainer: other, fineTune: "y")
        #expect(try Self.item(Self.plan(versions: [marker], ledger: [entry])).action == .create)
    }

    @Test("is the same whatever the order of what it is given")
    func order() {
        let requests = ["c", "a", "b"].map { Samples.request($0, inputs: Samples.inputs(train: $0)) }
        let versions = [Samples.version(), Samples.version(of: Samples.inputs(train: "a"), number: 2)]
        let backwards = Self.plan(requests.reversed(), versions: versions.reversed())
        #expect(Self.plan(requests, versions: versions) == backwards)
    }
}

@Suite("HyperparameterValue's text")
struct HyperparameterTextTests {
    @Test(
        "is as short as a manifest's",
        arguments: [
            (1e-4, "1e-4"), (2.5e-5, "2.5e-5"), (0.00025, "2.5e-4"), (0.03, "0.03"), (3, "3"), (0, "0"),
            (-1e-7, "-1e-7"), (0.001, "0.001"),
        ]
    )
    func numbers(value: Double, text: String) {
        #expect(HyperparameterValue.number(value).text == text)
    }
}
