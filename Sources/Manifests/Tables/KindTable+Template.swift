//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import YAML

extension KindTable {
    static let template = KindTable(
        summary: "How a row becomes a prompt and the completion to learn.",
        example: """
            apiVersion: ftops/v1
            kind: Template
            metadata: {name: summarize}
            spec:
              prompt: |-
                Conversation:
                {dialogue}

                Summary:
              completion: " {summary}"
              stop: ["\\n"]
            """,
        spec: MappingTable(
            [
                FieldRow("prompt", .text(), "What the model reads; `{field}` is a field of the row, `{{` a brace."),
                FieldRow("completion", .text(.filled), "What it learns to write behind the prompt."),
                FieldRow("chosen", .text(.filled), "Instead of a completion: the answer that is preferred."),
                FieldRow("rejected", .text(.filled), "The answer that `chosen` is preferred to."),
                FieldRow("text", .text(.filled), "Prompt and completion in one, where all of it is to be learnt."),
                FieldRow("messages", .text(.filled), "The field of the row that has a chat's messages."),
                FieldRow("stop", .list(.text(.filled)), "Texts at which the model's answers end.").standard([]),
            ],
            choice: FieldChoice(
                alternatives: [
                    ["prompt", "completion"], ["prompt", "chosen", "rejected"], ["text"], ["messages"],
                ],
                isExclusive: true,
                purpose: """
                    a template has `prompt` with `completion` or with `chosen` and `rejected`, or `text`, or `messages`
                    """
            )
        )
    )
}
