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
        let answers = fields.present(["chosen", "rejected"])
        let pairs = fields.present(["prompt", "completion"]) + answers
        let others = fields.present(["text", "messages"])
        let extra = answers.isEmpty ? nil : fields.present(["completion"]).first
        if (pairs.isEmpty ? 0 : 1) + others.count > 1 || extra != nil, let last = others.last ?? extra,
            let key = fields[last]?.key
        {
            report(.conflictingFields, "\(purpose), only one of them", at: key)
            return nil
        }
        if let other = others.first {
            let value = filledText(fields[other])
            return value.map { other == "text" ? .text($0) : .messages(field: $0) }
        }
        if pairs.isEmpty {
            report(.missingField, purpose, at: fields.field.node)
            return nil
        }
        return answers.isEmpty ? completion(fields) : preference(fields)
    }

    private mutating func completion(_ fields: Fields) -> Template.Form? {
        let prompt = required("prompt", in: fields)
        let completion = required("completion", in: fields)
        guard let prompt = text(prompt), let completion = filledText(completion) else { return nil }
        return .promptCompletion(prompt: prompt, completion: completion)
    }

    private mutating func preference(_ fields: Fields) -> Template.Form? {
        let prompt = required("prompt", in: fields)
        let (chosen, rejected) = (required("chosen", in: fields), required("rejected", in: fields))
        let texts = (text(prompt), filledText(chosen), filledText(rejected))
        guard let prompt = texts.0, let chosen = texts.1, let rejected = texts.2 else { return nil }
        return .preference(prompt: prompt, chosen: chosen, rejected: rejected)
    }
}
