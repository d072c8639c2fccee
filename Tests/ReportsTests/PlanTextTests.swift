//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import JSON
import Planning
import Resources
import Testing

@testable import Reports

@Suite("PlanText")
struct PlanTextTests {
    private let every = ReportSamples.plan(
        ReportSamples.everyAction,
        uncommitted: ["manifests/summarizer.yaml", "datasets/tickets.jsonl"],
        ledger: .notSeen(reason: "origin cannot be reached")
    )

    @Test("shows every action as the snapshot has it")
    func everyAction() throws {
        try Snapshot.expect(PlanText.render(every), is: "plan-every-action.txt")
        #expect(Set(every.items.map(\.action.word)) == Set(Action.words))
    }

    @Test("colours the marks where colours are wanted, and changes no word by it")
    func colors() throws {
        let colored = PlanText.render(every, color: true)
        #expect(colored.contains("\u{1B}[32m  + create  \u{1B}[0m"))
        let plain = colored.replacing(#/\u{1B}\[[0-9]+m/#, with: "")
        #expect(plain == PlanText.render(every))
    }

    @Test("fits 80 columns but for names that are longer, which stay whole", arguments: [40, 60, 80])
    func fits(width: Int) {
        let long = String(repeating: "very-long-name-", count: 6) + "x"
        var items = ReportSamples.everyAction
        items.append(
            ReportSamples.item(
                .create,
                long,
                to: ModelName(owner: long, name: long),
                reasons: [Reason(field: "base", old: "名前" + long + long, new: long)],
                estimate: ReportSamples.estimate
            )
        )
        let text = PlanText.render(ReportSamples.plan(items), width: width)
        #expect(text.contains("  \(long)\n"))
        for line in text.split(separator: "\n") {
            #expect(DisplayWidth.of(line) <= width || line.contains(long), "\(line)")
        }
    }

    @Test("says that nothing is to do")
    func nothing() {
        let current = ReportSamples.everyAction.suffix(2)
        let text = PlanText.render(ReportSamples.plan(Array(current)))
        #expect(text == "Plan for commit 0123456789ab on main\n\nNothing to do: all 2 fine-tunes are up-to-date.\n")
        var plan = ReportSamples.plan([])
        #expect(PlanText.render(plan).hasSuffix("Nothing to do: no fine-tune asks for anything.\n"))
        plan.origin.base = "main"
        #expect(PlanText.render(plan).hasSuffix("Nothing to do: main asks for all of it.\n"))
    }

    @Test("says the same of a plan at rest that is known by its numbers alone", arguments: [1, 2])
    func resting(count: Int) throws {
        let item = try #require(ReportSamples.everyAction.last)
        let plan = ReportSamples.plan(Array(repeating: item, count: count), ledger: .seen(tip: "a"))
        let resting = try #require(RestingPlan(plan))
        #expect(PlanText.render(resting, color: true) == PlanText.render(plan, color: true))
        #expect(PlanText.render(resting, width: 40).hasSuffix(" up-to-date.\n"))
    }

    @Test("says how many rows came in the action's line")
    func oneRow() {
        let item = ReportSamples.item(.update, rows: RowDifference(added: 1, removed: 0))
        #expect(PlanText.render(ReportSamples.plan([item])).contains("~ update (+1 row)  triage -> acme/triage\n"))
    }

    @Test("adds up what all trainings take")
    func total() {
        let items = ["a", "b"].map { ReportSamples.item(.create, $0, estimate: ReportSamples.estimate) }
        let text = PlanText.render(ReportSamples.plan(items))
        #expect(text.hasSuffix("up-to-date.\nAll trainings: ~4m, $0.24\n"))
    }

    @Test("lets no control character of a manifest reach the terminal")
    func hostile() {
        let item = ReportSamples.item(
            .update,
            reasons: [Reason(field: "base\u{1B}[2J", old: "a\nb\u{202E}", new: "\u{9B}31m\u{7}")]
        )
        let text = PlanText.render(ReportSamples.plan([item], uncommitted: ["a\u{1B}]0;x\u{7}.yaml"]))
        let bad = text.unicodeScalars.filter { TerminalText.isHarmful($0) && $0 != "\n" }
        #expect(bad.isEmpty)
    }
}

@Suite("PlanJSON")
struct PlanJSONTests {
    @Test("has every action as the snapshot has it")
    func everyAction() throws {
        var plan = ReportSamples.plan(ReportSamples.everyAction, uncommitted: ["a.yaml"], ledger: .seen(tip: "feed"))
        let place = SourcePosition(line: 5, column: 11)
        plan.warnings = [
            Diagnostic("same-training", "a, b ask for the same", severity: .warning),
            Diagnostic(
                "duplicate-rows",
                "dataset tickets has 2 rows that are the same as an earlier one",
                severity: .warning,
                range: SourceRange(file: "manifests/tickets.yaml", start: place, end: place),
                notes: ["the first is row 17: ftops data preview triage --row 17"]
            ),
        ]
        plan.unplanned = [ResourceName(rawValue: "faraway")]
        let text = JSONText.pretty(PlanJSON.value(plan))
        try Snapshot.expect(text, is: "plan-every-action.json")
        #expect(try JSONParser.parse(text)["format_version"] == "1.5")
    }
}
