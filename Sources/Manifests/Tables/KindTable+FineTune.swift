//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import YAML

extension KindTable {
    static let fineTune = KindTable(
        summary: "A training that is asked for. A change here, or in anything that it names, plans a new version.",
        example: """
            apiVersion: ftops/v1
            kind: FineTune
            metadata: {name: summarizer, labels: {team: search}}
            spec:
              base: llama-2-7b
              dataset: support
              template: summarize
              hyperparameters: {use: lora-default, num_train_epochs: 1}
              destination: acme/llama2-summarizer
              evaluation:
                prompts: [{dialogue: "Harry: Who are you?"}]
                metrics: [loss, perplexity]
            """,
        spec: MappingTable(
            [
                FieldRow(
                    "base",
                    .reference([.baseModel, .fineTune]),
                    "The BaseModel to start from, or the FineTune whose version to go on from."
                ),
                FieldRow(
                    "dataset",
                    .either(.reference([.dataset]), .mapping(datasetUse)),
                    "The Dataset to train on: its name, or `{use: name, limit: rows}`."
                ).required,
                FieldRow(
                    "template",
                    .reference([.template]),
                    "The Template that renders rows; none where rows have `prompt` and `completion` already."
                ),
                FieldRow(
                    "hyperparameters",
                    .mapping(overrides),
                    "A profile, as `use`, and the hyperparameters that differ from it."
                ),
                FieldRow("destination", .text(.destination), "The model that versions are published to.").required,
                FieldRow("backend", backend, "Where to train; Project's `backends.default` where absent."),
                FieldRow("resources", .mapping(resources), "What it needs."),
                FieldRow("budget", .mapping(budget), "What a version may cost; more than that is blocked."),
                FieldRow("evaluation", .mapping(evaluation), "How versions are judged; not at all where absent."),
                FieldRow(
                    "sweep",
                    .mapping(sweep),
                    "Values in place of those set here: every combination is a FineTune, such as `name[lora_rank=8]`."
                ).nonempty,
                FieldRow("max_points", .integer(1...10_000), "How many FineTunes a sweep may make.")
                    .standard(.int(SweepFields.usualPoints)).with("sweep"),
                notify.notYet,
                suspend,
            ],
            choice: start
        )
    )

    private static let start = FieldChoice(
        alternatives: [["base"], ["sweep"]],
        isExclusive: false,
        purpose: "missing field `base`"
    )

    /// Where runs happen.
    static let backend = Shape.choice(of: FineTune.Backend.self, later: ["slurm", "replicate", "auto"])

    private static let datasetUse = MappingTable([
        FieldRow("use", .reference([.dataset]), "The Dataset.").required,
        FieldRow("limit", .integer(1...Int(Int32.max)), "How many of its rows are used at most, before the split."),
    ])

    private static let sweep = MappingTable(
        [
            FieldRow("base", .list(.reference([.baseModel])), "BaseModels to start from.").nonempty.distinct,
            FieldRow("limit", .list(.integer(1...Int(Int32.max))), "Numbers of rows to use at most.")
                .nonempty.distinct,
        ] + hyperparameterRows.map(\.swept)
    )

    private static let overrides = MappingTable(
        [FieldRow("use", .reference([.hyperparameters]), "The profile to start from.")] + hyperparameterRows
    )

    private static let resources = MappingTable([
        FieldRow("gpus", .integer(1...1024), "GPUs; without one the CPU trains. More than one does not work yet.")
            .standard(1),
        FieldRow("priority", .choice(["low", "normal", "high"]), "Who goes first.").notYet,
    ])

    private static let budget = MappingTable([
        FieldRow("max_cost", .money, "Dollars that a version may cost."),
        FieldRow("max_time", .duration, "Time that a version may take."),
    ])

    private static let gate = MappingTable(
        Evaluation.Metric.allCases.map { metric in
            FieldRow(
                metric.rawValue,
                .text(.condition),
                "Such as `'>= base'`, `'> base + 0.05'` or `'<= 1.2'`, in quotes; it is measured where `metrics` leaves it out too."
            )
        }
    )

    private static let evaluation = MappingTable([
        FieldRow(
            "prompts",
            .list(.texts),
            "Fields of rows of your own: what base and version answer stands in the version's record."
        ),
        FieldRow(
            "metrics",
            .list(.choice(of: Evaluation.Metric.self, later: ["bleu", "chrf", "accuracy"])),
            "What is measured of base and version, on the rows that validate and on prompts that say what is expected."
        ),
        FieldRow(
            "gate",
            .mapping(gate),
            "What a version has to reach in metrics; else it is marked, `apply` exits with 12, and its model's name alone "
                + "does not mean it."
        ),
    ])
}
