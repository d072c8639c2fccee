//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import YAML

extension KindTable {
    static let dataset = KindTable(
        summary: "Rows to train on, and which of them are kept to validate with.",
        example: """
            apiVersion: ftops/v1
            kind: Dataset
            metadata: {name: support}
            spec:
              source: datasets/support.jsonl
              validation: {fraction: 0.05, seed: 7}
            """,
        spec: MappingTable(
            [
                FieldRow(
                    "source",
                    .text(.source),
                    "Where the rows lie: a path from the top of the repository, or an address, which needs `sha256`."
                ).needingIfRemote("sha256"),
                FieldRow(
                    "mix",
                    .list(.mapping(mixPart)),
                    "Other datasets, whose rows are taken in turn by their weights until one ends; all of them without."
                ).nonempty,
                FieldRow(
                    "sha256",
                    .text(.digest),
                    "The digest of the source's bytes; `ftops data update` writes it. Optional for a path."
                ).with("source"),
                FieldRow(
                    "format",
                    .choice(of: RowFormat.self),
                    "How the rows are written, where neither the source's name nor its first bytes tell."
                ).with("source"),
                FieldRow(
                    "filter",
                    .text(.filled),
                    "An expression over a row's fields, such as `length(dialogue) < 8000`; rows of which it is false go."
                ),
                FieldRow(
                    "dedupe",
                    .either(.choice(["exact"]), .mapping(nearness)),
                    "Which rows go because an earlier one is the same, or nearly."
                ),
                FieldRow("shuffle", .mapping(shuffle), "Puts rows into an order that the seed gives."),
                FieldRow("limit", .integer(1...Int(Int32.max)), "How many rows are used, the first ones."),
                FieldRow("validation", .mapping(validation), "Which rows validate; none where absent."),
            ],
            choice: .one(of: "source", "mix", saying: "a dataset says where its rows lie")
        )
    )

    private static let mixPart = MappingTable([
        FieldRow("use", .reference([.dataset]), "The Dataset; its own `validation` has no part in this one.").required,
        FieldRow("weight", .number(.positive), "How many of its rows are taken for those of the others."),
    ])

    private static let nearness = MappingTable([
        FieldRow("near", .number(.closed(0.5...1)), "The share of what rows say from which on they are the same.")
            .required
    ])

    private static let shuffle = MappingTable([
        FieldRow("seed", .integer(0...Int(Int32.max)), "The seed.").standard(42)
    ])

    private static let validation = MappingTable(
        [
            FieldRow(
                "fraction",
                .number(.fraction),
                "The share of the rows that validates. A row that is added moves no other."
            ),
            FieldRow("rows", .integer(1...Int(Int32.max)), "How many rows validate."),
            FieldRow("source", .text(.source), "Where rows lie that validate, as `source` above.")
                .needingIfRemote("sha256"),
            FieldRow("seed", .integer(0...Int(Int32.max)), "The seed by which rows are chosen.")
                .standard(42).with("fraction", "rows"),
            FieldRow("sha256", .text(.digest), "The digest of the source's bytes.").with("source"),
        ],
        choice: .one(of: "fraction", "rows", "source", saying: "`validation` says which rows validate")
    )
}
