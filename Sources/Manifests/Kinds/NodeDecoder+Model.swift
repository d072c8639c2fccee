//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import YAML

extension NodeDecoder {
    mutating func model(_ spec: Field) -> (model: Model, owner: String?)? {
        let known = ["owner", "visibility", "description", "protect", "channels"]
        guard let fields = fields(spec, known: known) else { return nil }
        unsupported(["protect": .bool, "channels": .table(.text)], in: fields)
        let model = Model(
            visibility: choice(fields["visibility"], Model.Visibility.self) ?? .private,
            description: text(fields["description"])
        )
        return (model, owner(fields["owner"]))
    }

    mutating func owner(_ field: Field?) -> String? {
        guard let field, let text = text(field), checkName(text, at: field) else { return nil }
        return text
    }
}
