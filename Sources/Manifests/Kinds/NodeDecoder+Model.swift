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
        guard let fields = fields(spec) else { return nil }
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
