//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import Resources
import Testing

@testable import Planning

@Suite("Policies and budgets of a plan")
struct PolicyTests {
    private static let fields = [
        "policies.bases": 1, "policies.licenses": 2, "policies.pinned": 3, "policies.validation": 4,
        "policies.windows": 5, "budget.per_run": 6, "budget.per_month": 7,
    ]
    private static let now = Timestamp(seconds: 1_795_500_000)

    private static func project(_ policies: Policies = Policies(), _ spending: Spending = Spending()) -> Located<
        Project
    > {
        Samples.project(
            Project(spending: spending, policies: policies),
            fields: Dictionary(uniqueKeysWithValues: fields.map { ("spec.\($0.key)", Samples.range($0.value)) })
        )
    }

    /// A request that takes ten minutes and costs a dollar.
    private static func request(_ name: String = "triage", train: String = "rows") -> TrainingRequest {
        var request = Samples.request(name, inputs: Samples.inputs(train: train))
        request.tokensPerEpoch = 6000
        request.hardware = BaseModel.Hardware(tokensPerSecond: 10)
        request.pricePerGPUHour = Money("6")
        request.terms.license = "llama2"
        return request
    }

    private static func plan(_ project: Located<Project>, ledger: [RunEntry] = [], now: Timestamp = now) -> Plan {
        plan([request()], project, ledger: ledger, now: now)
    }

    private static func plan(
        _ requests: [TrainingRequest],
        _ project: Located<Project>,
        ledger: [RunEntry] = [],
        now: Timestamp = now
    ) -> Plan {
        Planner.plan(
            Planner.Inputs(
                origin: Plan.Origin(commit: nil, branch: nil),
                requests: requests,
                versions: [],
                now: now,
                project: project,
                offset: { zone, time in
                    let date = Date(timeIntervalSince1970: TimeInterval(time.seconds))
                    return TimeZone(identifier: zone).map { Int64($0.secondsFromGMT(for: date)) }
                },
                ledger: Dictionary(uniqueKeysWithValues: ledger.map { ($0.fingerprint, $0) })
            )
        )
    }

    private static func block(_ plan: Plan, _ index: Int = 0) throws -> Action.Block {
        guard case .blocked(let block) = plan.items[index].action else {
            throw PlanningError(.baseWithoutIdentity, "\(plan.items[index].action)")
        }
        return block
    }

    @Test(
        "each policy blocks what breaks it, at its line",
        arguments: [
            (Policies(bases: [NamePattern("llama-2-*")]), "policies.bases", "none of those allowed: llama-2-*"),
            (
                Policies(licenses: ["gemma", "mit"]), "policies.licenses",
                "has the licence llama2; allowed are gemma, mit"
            ),
            (Policies(requiresPins: true), "policies.pinned", "base model tiny is not pinned"),
            (Policies(requiresValidation: true), "policies.validation", "it has no validation rows"),
        ] as [(Policies, String, String)]
    )
    func policies(policies: Policies, field: String, reason: String) throws {
        var request = Self.request()
        request.inputs.validationRows = 0
        request.terms.unpinned = ["base model tiny"]
        let block = try Self.block(Self.plan([request], Self.project(policies)))
        #expect(block.kind == .policy && block.reason.contains(reason), "\(block.reason)")
        #expect(block.range == Self.fields[field].map { Samples.range($0) })
    }

    @Test("policies let pass what keeps them")
    func keeps() {
        let policies = Policies(
            bases: [NamePattern("llama-*"), NamePattern("gemma-?-*")],
            licenses: ["llama2"],
            requiresPins: true,
            requiresValidation: true
        )
        #expect(Self.plan(Self.project(policies)).items[0].action == .create)
    }

    @Test("a base that names no licence has none of those allowed")
    func unlicensed() throws {
        var request = Self.request()
        request.terms.license = nil
        let block = try Self.block(Self.plan([request], Self.project(Policies(licenses: ["mit"]))))
        #expect(block.reason == "base model gemma-3-270m names no licence; allowed are mit")
    }

    @Test("a limit of time or money blocks what goes over it, at the line that says it")
    func limits() throws {
        var request = Self.request()
        request.terms.fields = ["spec.budget.max_cost": Samples.range(8), "spec.budget.max_time": Samples.range(9)]
        request.terms.budget = .init(maxCost: Money("1"), maxTime: .seconds(600))
        #expect(Self.plan([request], Self.project()).items[0].action == .create)
        request.terms.budget = .init(maxCost: Money("0.99"))
        let cost = try Self.block(Self.plan([request], Self.project()))
        #expect(cost.reason == "it costs $1.00, more than the $0.99 allowed" && cost.range == Samples.range(8))
        request.terms.budget = .init(maxTime: .seconds(599))
        let time = try Self.block(Self.plan([request], Self.project()))
        #expect(time.reason == "it takes 10m, more than the 9m 59s allowed" && time.range == Samples.range(9))
        let run = try Self.block(Self.plan(Self.project(Policies(), Spending(perRun: Money("0.5")))))
        #expect(run.kind == .budget && run.range == Samples.range(6))
    }

    @Test("what cannot be checked is blocked, and told which figure to give")
    func unknown() throws {
        let project = Self.project(Policies(), Spending(perRun: Money("5")))
        var free = Self.request()
        free.pricePerGPUHour = nil
        #expect(try Self.block(Self.plan([free], project)).reason.contains("price_per_gpu_hour"))
        var slow = Self.request()
        slow.hardware = nil
        #expect(try Self.block(Self.plan([slow], project)).reason.contains("tokens_per_second"))
        let month = Self.project(Policies(), Spending(perMonth: Money("5")))
        #expect(try Self.block(Self.plan([slow], month)).reason.contains("tokens_per_second"))
        slow.terms.budget = .init(maxTime: .seconds(60))
        #expect(try Self.block(Self.plan([slow], Self.project())).reason.contains("tokens_per_second"))
    }

    @Test("a run's limit counts its earlier attempts, and keeps it from being tried again")
    func retries() throws {
        var failed = Samples.entry(.failed)
        failed.attempts = [Self.attempt(cost: "4.50", ended: true)]
        let project = Self.project(Policies(), Spending(perRun: Money("5")))
        guard case .failed(let failure) = Self.plan(project, ledger: [failed]).items[0].action else {
            return #expect(Bool(false))
        }
        #expect(failure.block?.reason == "it costs $1.00, after $4.50 of earlier attempts, more than the $5.00 allowed")
    }

    @Test("the month's budget goes to what fits, in the plan's order")
    func month() throws {
        var dear = Self.request("b", train: "b")
        dear.pricePerGPUHour = Money("60")
        let requests = [
            Self.request("a", train: "a"), dear, Self.request("c", train: "c"), Self.request("d", train: "d"),
        ]
        let plan = Self.plan(requests, Self.project(Policies(), Spending(perMonth: Money("2.50"))))
        #expect(plan.items.map(\.action.word) == ["create", "blocked", "create", "blocked"])
        let block = try Self.block(plan, 3)
        #expect(block.reason == "it costs $1.00, and of the month's $2.50 are $2.00 taken")
        #expect(block.range == Samples.range(7))
    }

    private static func attempt(
        cost: String? = nil,
        expected: String? = nil,
        minutes: Double? = nil,
        since: Int64 = 600,
        ended: Bool = false
    ) -> RunEntry.Attempt {
        RunEntry.Attempt(
            number: 1,
            holder: HolderID(rawValue: "them"),
            backend: .node,
            estimate: .init(minutes: minutes, cost: expected.flatMap { Money($0) }),
            started: now.advanced(by: -since),
            ended: ended ? now : nil,
            cost: cost.flatMap { Money($0) }
        )
    }

    @Test("a month counts what ended by its cost, what is under way by the larger figure, and claims")
    func counts() {
        var claimed = Samples.entry(.claimed)
        claimed.estimate = .init(minutes: 5, cost: Money("0.30"))
        var (failed, started, late, lost, old) = (
            Samples.entry(.failed), Samples.entry(.started), Samples.entry(.started), Samples.entry(.started),
            Samples.entry(.published)
        )
        failed.attempts = [Self.attempt(cost: "0.07", expected: "9", ended: true)]
        started.attempts = [Self.attempt(expected: "1", minutes: 60)]
        late.attempts = [Self.attempt(expected: "1", minutes: 5)]
        lost.attempts = [Self.attempt(expected: "4", ended: true)]
        old.attempts = [Self.attempt(cost: "100", since: 40 * 86400, ended: true)]
        func taken(_ entries: RunEntry...) -> String {
            MonthBudget(limit: .zero, entries: entries, now: Self.now).taken.decimal
        }
        #expect(taken(claimed) == "0.30")
        #expect(taken(failed) == "0.07")
        #expect(taken(started) == "1.00")
        #expect(taken(late) == "2.00")
        #expect(taken(lost) == "4.00")
        #expect(taken(old) == "0.00")
        #expect(taken(claimed, failed, started, late, lost, old) == "7.37")
    }

    @Test("a month begins at midnight in UTC")
    func monthBegins() throws {
        let midnight = try #require(Timestamp("2026-12-01T00:00:00Z"))
        for (seconds, taken) in [(Int64(-1), "0.00"), (0, "3.00")] {
            var entry = Samples.entry(.failed)
            entry.attempts = [Self.attempt(cost: "3", ended: true)]
            entry.attempts[0].started = midnight.advanced(by: seconds)
            let budget = MonthBudget(limit: .zero, entries: [entry], now: midnight.advanced(by: 60))
            #expect(budget.taken.decimal == taken)
        }
    }

    @Test(
        "a window is open by the clock of its zone, over midnight and through changes of summer time",
        arguments: [
            // Winter: Berlin is an hour ahead.
            ("2026-11-24T20:59:00Z", "22:00-06:00 Europe/Berlin", "2026-11-24T21:00:00Z"),
            ("2026-11-24T21:00:00Z", "22:00-06:00 Europe/Berlin", nil),
            ("2026-11-25T04:59:59Z", "22:00-06:00 Europe/Berlin", nil),
            ("2026-11-25T05:00:00Z", "22:00-06:00 Europe/Berlin", "2026-11-25T21:00:00Z"),
            // Summer: two hours.
            ("2026-07-01T19:59:00Z", "22:00-06:00 Europe/Berlin", "2026-07-01T20:00:00Z"),
            ("2026-07-01T20:00:00Z", "22:00-06:00 Europe/Berlin", nil),
            // The hour that the clock skips on 29 March 2026, and the one that it shows twice on 25 October.
            ("2026-03-29T00:59:00Z", "02:00-03:00 Europe/Berlin", "2026-03-30T00:00:00Z"),
            ("2026-10-25T00:30:00Z", "02:00-03:00 Europe/Berlin", nil),
            ("2026-10-25T01:30:00Z", "02:00-03:00 Europe/Berlin", nil),
            ("2026-10-25T02:00:00Z", "02:00-03:00 Europe/Berlin", "2026-10-26T01:00:00Z"),
            ("2026-11-24T12:00:00Z", "12:00-12:01", nil),
            ("2026-11-24T12:01:00Z", "12:00-12:01", "2026-11-25T12:00:00Z"),
        ] as [(String, String, String?)]
    )
    func windows(now: String, window: String, next: String?) throws {
        let policies = Policies(windows: [try #require(TrainingWindow(window))])
        let plan = Self.plan(Self.project(policies), now: try #require(Timestamp(now)))
        guard let next else { return #expect(plan.items[0].action == .create) }
        let block = try Self.block(plan)
        #expect(block.kind == .window && block.range == Samples.range(5))
        #expect(block.reason.hasSuffix("; next at \(next)"), "\(block.reason)")
    }

    @Test("what is not started yet takes no money of the month, and a policy goes before a budget")
    func order() throws {
        let window = try #require(TrainingWindow("00:00-00:01 UTC"))
        let both = Self.project(Policies(windows: [window]), Spending(perMonth: Money("0.5")))
        #expect(try Self.block(Self.plan(both)).kind == .window)
        let policy = Self.project(Policies(licenses: []), Spending(perRun: .zero))
        #expect(try Self.block(Self.plan(policy)).kind == .policy)
    }
}

@Suite("Two machines that claim under one budget")
struct BudgetSearchTests {
    /// A machine that reads the tip, decides by it, and swaps; what it read is stale once the other has swapped.
    private struct Claimer: Hashable {
        let machine: Machine
        let runs: [String]
        var read: Int?
        var isDone = false
    }

    private struct State: Hashable {
        var entries: [Fingerprint: RunEntry] = [:]
        var version = 0
        var claimers: [Claimer]
    }

    private static let now = Timestamp(seconds: 1_795_500_000)
    private static let limit = Money(micros: 2_500_000)

    /// What a step at this tip leaves: all of the machine's runs that fit.
    private static func claiming(_ entries: [Fingerprint: RunEntry], _ claimer: Claimer) -> [Fingerprint: RunEntry] {
        var entries = entries
        var month = MonthBudget(limit: limit, entries: entries.values, now: now)
        for run in claimer.runs {
            let fingerprint = Samples.request(inputs: Samples.inputs(train: run)).fingerprint()
            let purpose = RunPurpose(
                fingerprint: fingerprint,
                fineTunes: [Samples.name],
                model: Samples.model,
                commit: "",
                branch: "main",
                estimate: .init(minutes: 10, cost: Money(micros: 1_000_000))
            )
            guard
                let entry = try? LedgerTransition.claim(
                    entries[fingerprint],
                    for: purpose,
                    by: claimer.machine,
                    now: now
                ), entries[fingerprint] != nil || month.take(Money(micros: 1_000_000))
            else { continue }
            entries[fingerprint] = entry
        }
        return entries
    }

    private static func next(_ state: State) -> [State] {
        state.claimers.indices.filter { !state.claimers[$0].isDone }.map { index in
            var next = state
            guard let read = state.claimers[index].read else {
                next.claimers[index].read = state.version
                return next
            }
            // A refused swap reads the tip again and decides anew.
            guard read == state.version else {
                next.claimers[index].read = nil
                return next
            }
            next.entries = claiming(state.entries, state.claimers[index])
            next.version += next.entries == state.entries ? 0 : 1
            next.claimers[index].isDone = true
            return next
        }
    }

    @Test("never promise more than it has, in whatever order they read and swap")
    func search() {
        let claimers = [("a", ["1", "2"]), ("b", ["3", "2", "4"])].map { name, runs in
            Claimer(machine: Machine(id: HolderID(rawValue: name), host: name), runs: runs)
        }
        var open = [State(claimers: claimers)]
        var seen: Set<State> = []
        var ends: Set<Int> = []
        while let state = open.popLast() {
            guard seen.insert(state).inserted else { continue }
            let budget = MonthBudget(limit: Self.limit, entries: state.entries.values, now: Self.now)
            #expect(budget.taken <= Self.limit)
            let following = Self.next(state)
            if following.isEmpty { ends.insert(state.entries.count) }
            open += following
        }
        #expect(ends == [2] && seen.count > 10)
    }
}
