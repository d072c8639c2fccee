//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import YAML

extension NodeDecoder {
    mutating func template(_ spec: Field) -> Template? {
        guard let fields = fields(spec) else { return nil }
        let stop = list(fields["stop"], "a list of texts") { decoder, field in decoder.filledText(field) } ?? []
        guard let form = form(fields) else { return nil }
        return Template(form: form, stop: stop)
    }

    private mutating func form(_ fields: Fields) -> Template.Form? {
        let purpose = fields.table?.choice?.purpose ?? ""
        let forms = fields.present(["prompt", "completion"]).isEmpty ? [] : [["prompt", "completion"]]
        let others = fields.present(["text", "messages"])
        if forms.count + others.count > 1, let last = others.last, let key = fields[last]?.key {
            report(.conflictingFields, "\(purpose), only one of them", at: key)
            return nil
        }
        if let other = others.first {
            let value = filledText(fields[other])
            return value.map { other == "text" ? .text($0) : .messages(field: $0) }
        }
        if forms.isEmpty {
            report(.missingField, purpose, at: fields.field.node)
            return nil
        }
        let prompt = required("prompt", in: fields)
        let completion = required("completion", in: fields)
        guard let prompt = text(prompt), let completion = filledText(completion) else { return nil }
        return .promptCompletion(prompt: prompt, completion: completion)
    }
}
