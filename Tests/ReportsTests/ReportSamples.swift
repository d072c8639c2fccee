//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Planning
import Resources

@testable import Reports

/// Values that reports are made of in tests.
enum ReportSamples {
    static let model = ModelName(owner: "acme", name: "triage")
    static let fingerprint = known(Fingerprint(rawValue: "v1-" + String(repeating: "a", count: 64)))
    static let noon = Timestamp(seconds: 1_795_500_000)

    static func digest(_ digit: Character) -> ContentDigest {
        known(ContentDigest(rawValue: String(repeating: digit, count: 64)))
    }

    /// A value that the test's author knows to be there.
    static func known<Value>(_ value: Value?) -> Value {
        guard let value else { preconditionFailure("a sample is malformed") }
        return value
    }

    static let inputs = VersionRecord.Inputs(
        base: ResourceName(rawValue: "gemma-3-270m"),
        baseIdentity: "gemma==1.0",
        baseSource: .python(package: "gemma", version: "1.0"),
        dataset: ResourceName(rawValue: "tickets"),
        source: "datasets/tickets.jsonl",
        sourceDigest: digest("5"),
        train: digest("1"),
        trainRows: 240,
        validation: digest("2"),
        validationRows: 12,
        template: ResourceName(rawValue: "ticket"),
        form: .promptCompletion(prompt: "{a}", completion: "{b}"),
        stop: [],
        parameters: HyperparameterTable.resolved(["learning_rate": .number(2e-4), "num_train_epochs": .integer(3)])
    )

    static func request(
        _ name: String = "triage",
        to destination: ModelName = model,
        inputs: VersionRecord.Inputs = inputs
    ) -> TrainingRequest {
        TrainingRequest(
            fineTune: ResourceName(rawValue: name),
            destination: destination,
            backend: .node,
            inputs: inputs,
            tokensPerEpoch: 3100
        )
    }

    static func version(number: Int = 1, id: Character = "c") -> VersionRecord {
        VersionRecord(
            id: digest(id),
            number: number,
            model: model,
            fineTunes: [ResourceName(rawValue: "triage")],
            fingerprint: fingerprint,
            trainer: 1,
            commit: "0123456789abcdef0123456789abcdef01234567",
            run: "abcdefabcdef",
            backend: .node,
            started: noon,
            ended: noon.advanced(by: 192),
            cost: Money(micros: 120_000),
            attempts: 1,
            inputs: inputs,
            training: VersionRecord.Training(
                steps: 24,
                tokens: 9300,
                seconds: 100,
                trainLoss: 0.4,
                validationLoss: 0.5123,
                baseValidationLoss: 3.2,
                peakMemory: 2_900_000_000,
                device: "cpu",
                dtype: "bfloat16",
                threads: 2
            ),
            evaluation: VersionRecord.EvaluationResult(
                digest: digest("e"),
                base: VersionRecord.Score(
                    loss: 3.2,
                    validationExactMatch: .init(correct: 0, total: 12),
                    promptsExactMatch: .init(correct: 0, total: 20)
                ),
                version: VersionRecord.Score(
                    loss: 0.5123,
                    validationExactMatch: .init(correct: 11, total: 12),
                    promptsExactMatch: .init(correct: 18, total: 20)
                ),
                answers: [
                    .init(prompt: "Ticket: it burns\n", reference: "urgent", base: "The ticket says", version: "urgent")
                ]
            ),
            losses: (1...24).map { .init(step: $0, loss: 4.0 / Double($0)) },
            weights: [.init(name: "adapter_model.safetensors", size: 7_700_000, sha256: digest("9"))],
            software: ["ftops": "0.1.0", "torch": "2.15.0"]
        )
    }

    /// A version whose evaluation compared it with its base example by example.
    static func compared(number: Int = 1) -> VersionRecord {
        var version = version(number: number)
        version.evaluation?.comparisons = [
            comparison("loss", base: 3.2, version: 0.5123, interval: (-2.9011, -2.4105)),
            comparison("exact_match", base: 0, version: 11.0 / 12, interval: (0.75, 1)),
            comparison("exact_match", .prompts, base: 0, version: 0.9, interval: (0.75, 1), examples: 20),
            comparison("rougeL", base: 0.1204, version: 0.6551, interval: (-0.0002, 0.7), examples: 1200),
            comparison("json_validity", .prompts, base: 0, version: 1, interval: nil, examples: 1),
        ]
        version.evaluation?.resamples = 10_000
        version.evaluation?.validationAnswers = [
            .init(prompt: "Ticket: it leaks", reference: "normal", base: "Ticket: it", version: "normal"),
            .init(prompt: "Ticket: thanks", reference: "low", base: "", version: "urgent"),
        ]
        return version
    }

    private static func comparison(
        _ metric: String,
        _ set: VersionRecord.Comparison.ExampleSet = .validation,
        base: Double,
        version: Double,
        interval: (Double, Double)?,
        examples: Int = 12
    ) -> VersionRecord.Comparison {
        VersionRecord.Comparison(
            metric: metric,
            set: set,
            base: base,
            version: version,
            interval: interval.map { .init(lower: $0.0, upper: $0.1) },
            examples: examples
        )
    }

    static func plan(_ items: [PlanItem], uncommitted: [String] = [], ledger: Plan.LedgerSight = .none) -> Plan {
        Plan(
            origin: Plan.Origin(
                commit: "0123456789abcdef0123456789abcdef01234567",
                branch: "main",
                uncommitted: uncommitted,
                ledger: ledger
            ),
            items: items
        )
    }

    static func item(
        _ action: Action,
        _ name: String = "triage",
        to destination: ModelName = model,
        reasons: [Reason] = [],
        rows: RowDifference? = nil,
        estimate: Estimate? = nil
    ) -> PlanItem {
        PlanItem(
            fineTunes: [ResourceName(rawValue: name)],
            request: request(name, to: destination),
            fingerprint: fingerprint,
            run: RunID(rawValue: "abcdefabcdef"),
            action: action,
            reasons: reasons,
            rowDifference: rows,
            estimate: estimate
        )
    }

    static let estimate = Estimate(tokens: 9300, steps: 25, areStepsExact: true, seconds: 118, cost: Money("0.12"))

    private static func block(_ kind: Action.Block.Kind, _ reason: String, line: Int) -> PlanItem {
        let range = SourceRange(
            file: "manifests/project.yaml",
            start: SourcePosition(line: line, column: 3),
            end: SourcePosition(line: line, column: 9)
        )
        return item(.blocked(.init(kind: kind, reason: reason, range: range)), kind.rawValue, estimate: estimate)
    }

    /// An estimate that was learned from versions, of packed rows that a tokenizer counted.
    static let learned: Estimate = {
        var estimate = Estimate(
            tokens: 10_500_000,
            steps: 162,
            areStepsExact: false,
            seconds: 4500,
            cost: Money("26.10"),
            basis: .learned(versions: 5)
        )
        estimate.areTokensCounted = true
        estimate.packs = 1710
        estimate.memory = 19_400_000_000
        estimate.secondsRange = .init(low: 4080, high: 5100)
        estimate.costRange = .init(low: known(Money("23.66")), high: known(Money("29.58")))
        return estimate
    }()

    /// An item whose dataset has steps.
    private static func selecting(_ action: Action, reasons: [Reason], estimate: Estimate) -> PlanItem {
        var item = item(action, reasons: reasons, estimate: estimate)
        var steps = RowStepCounts()
        (steps.rows, steps.filtered, steps.duplicates, steps.beyondLimit) = (14_732, 12, 3, 14_465)
        item.request.steps = steps
        return item
    }

    /// One item of each action, and of each kind of block.
    static let everyAction: [PlanItem] = [
        selecting(
            .create,
            reasons: [
                Reason(field: "base", new: "gemma-3-270m"), Reason(field: "dataset", new: "tickets"),
                Reason(field: "rows", new: "240 + 12 validation"), Reason(field: "template", new: "ticket"),
                Reason(field: "learning_rate", new: "2e-4"),
            ],
            estimate: estimate
        ),
        item(
            .update,
            "summarizer",
            to: ModelName(owner: "acme", name: "llama2-summarizer"),
            reasons: [
                Reason(field: "rows", old: "240", new: "357"), Reason(field: "template", new: "summarize (changed)"),
                Reason(field: "learning_rate", old: "1e-4", new: "2e-4"),
            ],
            rows: RowDifference(added: 120, removed: 3),
            estimate: Estimate(
                tokens: 1_234_567,
                steps: 34,
                areStepsExact: false,
                seconds: 7800,
                cost: nil,
                basis: .scaled(from: ResourceName(rawValue: "gemma-3-270m"))
            )
        ),
        item(.reuse(.published(version())), "copy", to: ModelName(owner: "acme", name: "copy")),
        item(.reuse(.trained(version())), "late"),
        item(.reuse(.stored(version())), "shared"),
        item(.reuse(.plan(model)), "twin", to: ModelName(owner: "acme", name: "twin")),
        item(.evaluate(version()), "judged", reasons: [Reason(field: "evaluation", new: "20 prompts (changed)")]),
        item(.configure(version()), "ended", reasons: [Reason(field: "stop", old: "none", new: #"["\n"]"#)]),
        item(
            .inProgress(
                .init(state: .started, host: "gpu-1", isOwn: false, since: noon, until: noon.advanced(by: 86400))
            ),
            "running"
        ),
        item(
            .inProgress(
                .init(state: .claimed, host: "gpu-1", isOwn: true, since: nil, until: nil, request: .cancel)
            ),
            "ending"
        ),
        item(.inProgress(.init(state: .paused, host: "gpu-1", isOwn: true, since: noon, until: nil)), "paused"),
        item(
            .inProgress(
                .init(state: .paused, host: "gpu-1", isOwn: false, since: noon, until: nil, request: .pause(by: "Ann"))
            ),
            "held"
        ),
        item(.unknown(.init(backend: .replicate, since: noon)), "asked"),
        item(
            .failed(
                .init(
                    failure: .init(kind: "memory", message: "the trainer ran out of memory at step 3"),
                    attempts: 2,
                    cost: Money(micros: 240_000)
                )
            ),
            "broken",
            estimate: learned
        ),
        item(
            .failed(
                .init(
                    failure: .init(kind: "diverged", message: "the loss is not a number"),
                    attempts: 1,
                    cost: nil,
                    block: .init(kind: .suspended, reason: "the data is being relabelled", range: nil)
                )
            ),
            "held-back"
        ),
        item(.drifted(.init(version: version(), reason: "the store has no adapter_model.safetensors of it")), "lost"),
        item(.orphaned((1...5).reversed().map { version(number: $0) }), "left-over"),
        item(
            .blocked(
                .init(
                    kind: .backend,
                    reason: "the node cannot fetch meta-llama/Llama-2-7b-hf from Hugging Face yet; give base model "
                        + "llama-2-7b a `path` or `python` source",
                    range: SourceRange(
                        file: "manifests/a.yaml",
                        start: SourcePosition(line: 3, column: 1),
                        end: SourcePosition(line: 9, column: 1)
                    )
                )
            ),
            "stuck"
        ),
        block(.policy, "base gemma-3-270m is none of `policies.bases`: llama-2-*", line: 12),
        block(.budget, "$26.10 is more than the $20.00 of `budget.per_run`", line: 10),
        block(.window, "trains from 22:00 to 06:00 Europe/Berlin; next at 2026-11-24 21:00 UTC", line: 13),
        block(.suspended, "until 2026-12-01: the data is being relabelled", line: 14),
        block(.dependency, "its base, triage, has failed", line: 15),
        item(.upToDate(version()), "done"),
        item(.upToDate(version()), "done-too"),
    ]
}
