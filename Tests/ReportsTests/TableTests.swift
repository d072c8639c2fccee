//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Planning
import Resources
import Testing

@testable import Reports

@Suite("Tables")
struct TableTests {
    private static let long = String(repeating: "long-", count: 18) + "名前"
    private static func name(_ text: String) -> ResourceName { ResourceName(rawValue: text) }

    private static let outcomes: [ApplyOutcome] = [
        .init(fineTunes: [name("triage")], result: .done(ReportSamples.version()), seconds: 192, cost: Money("0.12")),
        .init(fineTunes: [name("broken")], result: .failed(kind: "memory"), seconds: 42.4, cost: Money(micros: 40)),
        .init(fineTunes: [name("stuck")], result: .skipped("blocked (backend)")),
        .init(fineTunes: [name("later")], result: .notStarted("broken failed before it")),
        .init(fineTunes: [name("left")], result: .running("ftops apply watches it")),
        .init(fineTunes: [name("long")], result: .paused("ftops apply resumes it (step 3 of 12)"), seconds: 9),
    ]

    private static let diverged =
        "the loss of step 12 is no number; the last good checkpoint is of step 10; "
        + "lower learning_rate (0.5)"

    private static func entry(_ state: RunEntry.State, _ name: String = "triage") -> RunEntry {
        RunEntry(
            state: state,
            fingerprint: ReportSamples.fingerprint,
            fineTunes: [self.name(name)],
            model: ReportSamples.model,
            commit: "c",
            branch: "main",
            holder: .init(id: HolderID(rawValue: "h"), host: "gpu-1", until: ReportSamples.noon),
            attempts: [
                .init(
                    number: 1,
                    holder: HolderID(rawValue: "h"),
                    backend: .node,
                    estimate: .init(),
                    started: ReportSamples.noon,
                    cost: Money("0.12")
                )
            ],
            failure: state == .failed ? .init(kind: "diverged", message: Self.diverged) : nil,
            version: state == .published ? ReportSamples.version() : nil
        )
    }

    private static func expectFits(_ text: String, width: Int = 80) {
        for line in text.split(separator: "\n") { #expect(DisplayWidth.of(line) <= width, "\(line)") }
    }

    @Test("apply closes with a table")
    func apply() throws {
        try Snapshot.expect(ApplyTable.render(Self.outcomes), is: "apply.txt")
        var outcomes = Self.outcomes
        outcomes.append(.init(fineTunes: [Self.name(Self.long)], result: .notStarted(Self.long)))
        Self.expectFits(ApplyTable.render(outcomes))
        #expect(ApplyTable.render(Self.outcomes, color: true).contains("\u{1B}[31m"))
        outcomes = Self.outcomes
        outcomes[0].cost = nil
        #expect(!(ApplyTable.render(outcomes).split(separator: "\n").last?.contains("$") ?? true))
    }

    @Test("status shows every state")
    func status() throws {
        var runs = RunEntry.State.allCases.map {
            RunStatus(run: RunID(rawValue: "abcdefabcdef"), entry: Self.entry($0))
        }
        runs[1].progress = TrainingProgress(phase: .training, step: 12, steps: 25, secondsLeft: 62)
        for request in [.cancel, .pause(by: "Ann")] as [RunEntry.Request] {
            var asked = runs[1]
            asked.entry.request = request
            runs.append(asked)
        }
        runs[2].entry.request = .pause(by: "Ann")
        runs[2].entry.attempts[0].ended = ReportSamples.noon
        runs[2].entry.attempts[0].outcome = "paused"
        runs[2].progress = runs[1].progress
        try Snapshot.expect(StatusTable.render(runs), is: "status.txt")
        runs.append(RunStatus(run: RunID(rawValue: "abcdefabcdef"), entry: Self.entry(.started, Self.long)))
        Self.expectFits(StatusTable.render(runs))
    }

    @Test("a version of preferences has their hyperparameter, and no perplexity of their loss")
    func preferences() {
        var version = ReportSamples.version()
        #expect(VersionText.render(version).contains("perplexity"))
        #expect(!VersionText.render(version).contains("dpo_beta"))
        version.inputs.form = .preference(prompt: "{prompt}", chosen: "{chosen}", rejected: "{rejected}")
        version.evaluation?.comparisons = []
        #expect(!VersionText.render(version).contains("perplexity"))
        #expect(VersionText.render(version).contains("dpo_beta"))
        #expect(ModelCard.markdown(version, form: .adapter).contains("{prompt}"))
    }

    @Test("a version of all weights is called a model, and has no hyperparameters of an adapter")
    func allWeights() {
        var version = ReportSamples.version()
        #expect(VersionText.render(version).contains("lora_rank"))
        #expect(ModelCard.markdown(version, form: .adapter).contains("library_name: \"peft\""))
        version.inputs.parameters = HyperparameterTable.resolved(["peft_method": .text("none")])
        #expect(!VersionText.render(version).contains("lora_"))
        let card = ModelCard.markdown(version, form: .adapter)
        #expect(card.contains("A model of its own, all of whose weights were trained"))
        #expect(card.contains("library_name: \"transformers\"") && !card.contains("lora"))
    }

    @Test("a column that says nothing of any version is left out")
    func emptyColumns() {
        var version = ReportSamples.version()
        version.training.validationLoss = nil
        #expect(VersionsTable.render([version]).hasPrefix("version        id            date        fine-tune  exact"))
        var unpriced = version
        unpriced.cost = nil
        let mixed = VersionsTable.render([version, unpriced])
        #expect(mixed.contains("$0.12\n") && mixed.contains(" -\n") && !mixed.contains("$0.00"), "\(mixed)")
        let both = VersionsTable.render([version, ReportSamples.version(number: 2, id: "d")])
        #expect(both.hasPrefix("version        id            date        fine-tune    loss  exact"))
    }

    @Test("versions are listed newest first, and one is shown whole")
    func versions() throws {
        let versions = [ReportSamples.version(), ReportSamples.version(number: 2, id: "d")]
        try Snapshot.expect(VersionsTable.render(versions), is: "versions.txt")
        try Snapshot.expect(VersionText.render(ReportSamples.version()), is: "version.txt")
        Self.expectFits(VersionText.render(ReportSamples.version()), width: 100)
    }

    @Test("what an evaluation measured stands in a table, each figure once")
    func metrics() throws {
        let text = VersionText.render(ReportSamples.compared())
        try Snapshot.expect(text, is: "version-compared.txt")
        #expect(!text.contains("validation loss      3.2000 ->") && text.contains("perplexity     24.53 -> 1.67"))
        let evaluation = try #require(ReportSamples.compared().evaluation)
        Self.expectFits(MetricsTable.render(evaluation), width: 80)
    }

    @Test("answers stand side by side, whatever they are made of")
    func compare() throws {
        let answers: [VersionRecord.Answer] = [
            .init(
                prompt:
                    "Ticket: the printer on the third floor burns and nobody knows where the extinguisher is.\n\nTriage:",
                reference: "urgent\n",
                base: "The ticket says that the printer burns. The printer burns on the third floor. The printer",
                version: " urgent"
            ),
            .init(prompt: "名前は何ですか", reference: nil, base: "", version: "名前名前名前名前名前名前名前名前名前名前名前名前名前\u{1B}[31m"),
        ]
        let text = CompareText.render(answers, base: "gemma-3-270m", version: "acme/triage:1")
        try Snapshot.expect(text, is: "compare.txt")
        Self.expectFits(text)
        Self.expectFits(CompareText.render(answers, base: Self.long, version: Self.long, width: 50), width: 50)
    }

    private static let progress = TrainingProgress(
        phase: .training,
        step: 12,
        steps: 25,
        epoch: 1.44,
        epochs: 3,
        loss: 0.41267,
        tokensPerSecond: 1812.4,
        secondsLeft: 62.2
    )

    @Test("a narrow bar keeps the steps, then the time that is left, then the loss")
    func narrow() {
        let progress = Self.progress
        #expect(
            ProgressLine.bar("triage", progress, width: 50) == "triage  [===>   ]  12/25  loss 0.4127  1m 02s left"
        )
        #expect(ProgressLine.bar("triage", progress, width: 40) == "triage  [====>     ]  12/25  1m 02s left")
    }

    @Test("progress is a bar on a terminal and words in a log")
    func progress() {
        let progress = Self.progress
        #expect(
            ProgressLine.bar("triage", progress)
                == "triage  [=====>     ]  12/25  epoch 1.4/3  loss 0.4127  1,812 tok/s  1m 02s left"
        )
        #expect(
            ProgressLine.plain("triage", progress)
                == "triage: step 12 of 25, epoch 1.4/3, loss 0.4127, 1,812 tokens/s, 1m 02s left"
        )
        #expect(ProgressLine.plain("triage", .init(phase: .starting)) == "triage: getting ready")
        let preparing = TrainingProgress(phase: .starting, activity: "preparing a base\u{1B}[2J", elapsed: 31)
        #expect(ProgressLine.plain("triage", preparing) == "triage: preparing a base\u{FFFD}[2J (31s)")
        #expect(ProgressLine.bar("triage", preparing) == "triage  preparing a base\u{FFFD}[2J (31s)")
        for width in 20...120 {
            for name in ["triage", Self.long] {
                #expect(DisplayWidth.of(ProgressLine.bar(name, progress, width: width)) <= width)
            }
        }
    }

    @Test("a label is set off from its value, however long it is")
    func labels() {
        let names = ["base's validation loss", "a-name-of-thirty-characters-..", "名前名前名前名前名前名前名前名前"]
        let comparison = Comparison(
            name: "triage",
            old: "a",
            new: "b",
            fields: names.map { FieldChange(field: $0, old: "1", new: "2", isChanged: true) },
            metrics: names.map { Reason(field: $0, old: "3", new: "4") }
        )
        let text = ComparisonText.render([comparison])
        for name in names {
            #expect(text.contains("~ \(name)  "), "\(text)")
            #expect(text.contains("    \(name)  "), "\(text)")
        }
        let items = [ReportSamples.item(.create, "triage", reasons: names.map { Reason(field: $0, new: "2") })]
        let plan = PlanText.render(ReportSamples.plan(items))
        for name in names { #expect(plan.contains("\(name)  "), "\(plan)") }
    }

}
