//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import Planning
import Resources
import Testing

@testable import Reports

@Suite("PlanMarkdown")
struct PlanMarkdownTests {
    private let every: Plan = {
        var plan = ReportSamples.plan(ReportSamples.everyAction, uncommitted: ["manifests/summarizer.yaml"])
        plan.warnings = [Diagnostic("same-training", "a, b ask for the same", severity: .warning)]
        plan.origin.isUntrusted = true
        plan.unplanned = ["a_far", "b", "c", "d", "e", "f", "g"].map(ResourceName.init(rawValue:))
        return plan
    }()

    @Test("shows every action as the snapshot has it")
    func everyAction() throws {
        try Snapshot.expect(PlanMarkdown.render(every), is: "plan-every-action.md")
    }

    @Test("has one table, and is no longer than a host takes, however much there is to say")
    func bounded() {
        let long = String(repeating: "x", count: 5000)
        let items = (0..<2000).map { number in
            ReportSamples.item(
                .update,
                "tune-\(number)",
                reasons: [Reason(field: "base", old: long, new: long)],
                estimate: ReportSamples.estimate
            )
        }
        let text = PlanMarkdown.render(ReportSamples.plan(items))
        #expect(text.utf8.count <= PlanMarkdown.limit)
        #expect(text.contains("more items; `ftops plan` shows them"))
        #expect(text.components(separatedBy: "\n|---").count == 2)
    }

    @Test("takes nothing of a manifest for markup")
    func hostile() {
        let item = ReportSamples.item(
            .update,
            reasons: [Reason(field: "base|x", old: "<script>alert(1)</script>", new: "a | b\n<!-- ftops:plan -->")]
        )
        let text = PlanMarkdown.render(ReportSamples.plan([item]))
        #expect(!text.contains("<script>"))
        #expect(text.components(separatedBy: PlanMarkdown.marker).count == 2)
        #expect(text.hasPrefix(PlanMarkdown.marker))
    }

    @Test("says that nothing is to do without a table")
    func nothing() {
        let text = PlanMarkdown.render(ReportSamples.plan(Array(ReportSamples.everyAction.suffix(2))))
        #expect(text.contains("Nothing to do: all 2 fine-tunes are up-to-date."))
        #expect(!text.contains("|"))
    }

    @Test("annotations name what keeps an item from being done")
    func findings() {
        let findings = PlanFindings.of(every)
        #expect(findings.contains { $0.id == "blocked-policy" && $0.severity == .error })
        #expect(findings.contains { $0.id == "blocked-window" && $0.severity == .warning })
        for finding in findings { #expect(FindingCatalog.entry(finding.id.rawValue) != nil, "\(finding.id)") }
    }
}

@Suite("A saved plan")
struct SavedPlanTests {
    @Test("reads back what it wrote, and is shown as the plan was that it was made of")
    func everyAction() throws {
        let plan = ReportSamples.plan(
            ReportSamples.everyAction,
            uncommitted: ["manifests/summarizer.yaml"],
            ledger: .notSeen(reason: "origin cannot be reached")
        )
        let saved = try SavedPlan(plan, remote: "origin")
        let read = try SavedPlan(text: saved.text)
        #expect(read.text == saved.text)
        #expect(PlanText.render(read) == PlanText.render(plan))
        #expect(PlanText.render(read, color: true, width: 60) == PlanText.render(plan, color: true, width: 60))
        #expect(try read.restricting(plan).items.count == plan.items.count { $0.action.word != "orphaned" })
    }

    @Test("is refused when any of its bytes was changed, and when it is of another major format")
    func tampered() throws {
        let text = try SavedPlan(ReportSamples.plan(ReportSamples.everyAction), remote: nil).text
        for change in [("\"gpus\":1", "\"gpus\":2"), ("acme/triage", "acme/other"), ("\"create\"", "\"update\"")] {
            let changed = text.replacing(change.0, with: change.1)
            #expect(changed != text)
            #expect(throws: SavedPlanError.self) { try SavedPlan(text: changed) }
        }
        let newer = text.replacing("\"format_version\":\"1.", with: "\"format_version\":\"2.")
        #expect(throws: SavedPlanError.self) { try SavedPlan(text: newer) }
    }
}
