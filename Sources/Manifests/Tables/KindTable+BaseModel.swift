//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

extension KindTable {
    static let baseModel = KindTable(
        summary: "A model to start from. The sources under one BaseModel are declared to be the same weights.",
        example: """
            apiVersion: ftops/v1
            kind: BaseModel
            metadata: {name: llama-2-7b}
            spec:
              parameters: 7B
              context: 4096
              license: llama2
              node:
                huggingface: meta-llama/Llama-2-7b-hf
                revision: 01c7f73d771dfac7d292323805ebc428287df4f9
            """,
        spec: MappingTable(
            [
                FieldRow("identity", .text(.filled), "What the weights are known by, instead of their first source."),
                FieldRow("parameters", .size, "How many parameters it has."),
                FieldRow("context", .integer(1...Int(Int32.max)), "How many tokens it can read."),
                FieldRow("license", .text(.filled), "Its licence."),
                FieldRow("node", .mapping(node), "Where a machine of yours takes the weights from."),
                FieldRow("replicate", .mapping(replicate), "The base at Replicate."),
            ],
            choice: FieldChoice(
                alternatives: [["node"], ["replicate"]],
                isExclusive: false,
                purpose: "a base model has `node`, `replicate` or both"
            )
        )
    )

    private static let node = MappingTable(
        [
            FieldRow("huggingface", .text(.ownedName), "A model of the Hugging Face hub, at a `revision`.")
                .needing("revision"),
            FieldRow("revision", .text(.commit), "The commit of the model; `ftops bases update` writes it.")
                .with("huggingface"),
            FieldRow("path", .text(.folder), "A folder in the hub's layout."),
            FieldRow("python", .text(.package), "A Python package that has the weights."),
            FieldRow("hardware", .mapping(hardware), "What trains, for estimates; learnt from versions where absent."),
        ],
        choice: .one(of: "huggingface", "path", "python", saying: "`node` says where the weights come from")
    )

    private static let replicate = MappingTable([
        FieldRow("version", .text(.replicateVersion), "The version; `ftops bases update` writes it.").required,
        FieldRow("hardware", .mapping(hardware), "What Replicate trains it on, for estimates."),
    ])

    private static let hardware = MappingTable([
        FieldRow("name", .text(.filled), "Its name, for people."),
        FieldRow("gpus", .integer(0...1024), "How many GPUs it has."),
        FieldRow("memory", .memory, "The memory of one GPU of it, or of the machine where it has none."),
        FieldRow("tokens_per_second", .number(.positive), "Tokens a second that all of it together trains."),
        FieldRow("startup", .duration, "Time from asking to the first step."),
        FieldRow("price_per_minute", .money, "Its price."),
    ])
}
