//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import Planning
import Testing

/// Every world that can be reached by moves within a budget, each looked at once.
struct LedgerSearch {
    /// What a search came to.
    struct Report {
        var states = 0
        var moves = 0
        var published = 0
        /// How the first bad state is reached, and what is bad about it.
        var bad: [String] = []
    }

    private struct Node {
        let world: World
        let parent: Int32
        let move: MoveName?
    }

    private let oracle = LedgerOracle()
    private var nodes: [Node] = []
    private var seen: Set<World.Key> = []

    /// Looks at every world, and from each whether the run still ends well.
    static func run(_ scenario: Scenario) -> Report {
        var search = LedgerSearch()
        return search.explore(scenario)
    }

    private mutating func explore(_ scenario: Scenario) -> Report {
        var report = Report()
        var moves = Moves(oracle: oracle)
        moves.machines = scenario.machines
        moves.overlaps = scenario.machines.count == 1
        var fair = FairRun(oracle: oracle)
        visit(World(budget: scenario.budget), from: -1, by: nil)
        var index = 0
        while index < nodes.count {
            let world = nodes[index].world
            if oracle.entry(world.entry)?.state == .published { report.published += 1 }
            moves.all(from: world)
            report.moves += moves.found.count
            for move in moves.found { visit(move.world, from: Int32(index), by: move.name) }
            if let bad = (moves.violations + oracle.violations).first ?? unfair(world, &fair) {
                report.bad = trace(index) + [bad]
                break
            }
            index += 1
        }
        report.states = nodes.count
        return report
    }

    private mutating func visit(_ world: World, from parent: Int32, by move: MoveName?) {
        guard seen.insert(world.key).inserted else { return }
        nodes.append(Node(world: world, parent: parent, move: move))
    }

    private func unfair(_ world: World, _ fair: inout FairRun) -> String? {
        if oracle.entry(world.entry)?.state == .published, world.branch == 0 { return "published without a commit" }
        if !fair.endsWell(world, dead: nil) { return "the run cannot end any more" }
        if !fair.endsWell(world, dead: 0) { return "b cannot end the run without a" }
        if !fair.endsWell(world, dead: 1) { return "a cannot end the run without b" }
        return nil
    }

    private func trace(_ index: Int) -> [String] {
        var lines: [String] = []
        var node = nodes[index]
        while let move = node.move {
            lines.append(move.description)
            node = nodes[Int(node.parent)]
        }
        return lines.reversed()
    }
}

/// What may go wrong in one search.
struct Scenario: CustomStringConvertible, Sendable {
    let description: String
    var machines = [0, 1]
    let budget: Budget

    init(_ description: String, machines: [Int] = [0, 1], _ budget: Budget) {
        self.description = description
        self.machines = machines
        self.budget = budget
    }

    static let all: [Scenario] = [
        Scenario("crash, lost reply, claim given up", Budget(crashes: 1, lostReplies: 1, givesUp: 1)),
        Scenario("crash, lost reply, expired claim", Budget(crashes: 1, lostReplies: 1, ticks: 1)),
        Scenario("claims that expire twice", Budget(ticks: 2)),
        Scenario("crash, expired start", Budget(crashes: 1, days: 1)),
        Scenario("crash, said to be lost", Budget(crashes: 1, resolves: 1)),
        Scenario("failure, retry, lost reply", Budget(lostReplies: 1, retries: 1, failures: 1)),
        Scenario("cancel, failure, retry", Budget(cancels: 1, retries: 1, failures: 1)),
        Scenario("cancel, retry, said to be lost", Budget(cancels: 1, retries: 1, resolves: 1)),
        Scenario("pause, crash, lost reply", Budget(crashes: 1, lostReplies: 1, pauses: 1)),
        Scenario("pause, cancel, failure", Budget(cancels: 1, failures: 1, pauses: 1)),
        Scenario("pause, expired start", Budget(days: 1, pauses: 1)),
        Scenario("pause at the machine, crash, lost reply", Budget(crashes: 1, lostReplies: 1, wishes: 1)),
        Scenario("pause at the machine, said to be lost, cancel", Budget(cancels: 1, resolves: 1, wishes: 1)),
        Scenario(
            "two apply on one machine, pauses",
            machines: [0],
            Budget(crashes: 2, lostReplies: 1, pauses: 1, wishes: 2)
        ),
        Scenario("shared result, crash, lost reply", Budget(crashes: 1, lostReplies: 1, shares: 1)),
        Scenario("shared result, expired start, cancel", Budget(days: 1, cancels: 1, shares: 1)),
        Scenario("two shared results, pause", Budget(pauses: 1, shares: 2)),
        Scenario("two apply on one machine", machines: [0], Budget(crashes: 2, lostReplies: 2, ticks: 1, failures: 1)),
    ]

    /// Searches of minutes, for a release's sake: `FTOPS_SEARCH=deep`.
    static let deep: [Scenario] = [
        Scenario("two crashes, lost reply, expired claim", Budget(crashes: 2, lostReplies: 1, ticks: 1)),
        Scenario("pause, cancel, failure, retry", Budget(cancels: 1, retries: 1, failures: 1, pauses: 1)),
        Scenario("pause, expired start, said to be lost", Budget(days: 1, resolves: 1, pauses: 1)),
        Scenario("crash, two expired starts", Budget(crashes: 1, days: 2)),
        Scenario("crash, cancel, failure, retry", Budget(crashes: 1, cancels: 1, retries: 1, failures: 1)),
        Scenario("crash, cancel, retry, lost", Budget(crashes: 1, cancels: 1, retries: 1, resolves: 1)),
        Scenario("lost reply, expired start, failure, retry", Budget(lostReplies: 1, days: 1, retries: 1, failures: 1)),
    ]
}

@Suite("The ledger's steps, searched")
struct LedgerSearchTests {
    private static let isDeep = ProcessInfo.processInfo.environment["FTOPS_SEARCH"] == "deep"

    @Test("nothing that may go wrong trains twice or loses a result", arguments: Scenario.all)
    func searches(scenario: Scenario) { check(scenario) }

    @Test("nor does more of it", .enabled(if: isDeep), arguments: Scenario.deep)
    func searchesDeeply(scenario: Scenario) { check(scenario) }

    private func check(_ scenario: Scenario) {
        let report = LedgerSearch.run(scenario)
        let bad = report.bad.isEmpty ? "none" : "one"
        print("ledger search: \(scenario): \(report.states) states, \(report.moves) moves, \(bad) bad")
        #expect(report.bad.isEmpty, "\(report.bad.joined(separator: "\n"))")
        #expect(report.published > 0)
    }
}
