//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import YAML

extension KindTable {
    static let model = KindTable(
        summary: "Where trained versions go. A FineTune's destination without one gets a private one.",
        example: """
            apiVersion: ftops/v1
            kind: Model
            metadata: {name: llama2-summarizer}
            spec: {owner: acme, visibility: private, description: Sums up chats}
            """,
        spec: MappingTable([
            FieldRow("owner", .text(.name), "Who owns it; Project's `owner` where absent, else `local`."),
            FieldRow("visibility", .choice(of: Model.Visibility.self), "Who sees it.").standard("private"),
            FieldRow("description", .text(), "What it does."),
            FieldRow("protect", .bool, "Whether its versions are kept from removal.").notYet,
            FieldRow("channels", .texts, "Versions by a name such as `production`.").notYet,
        ])
    )
}
