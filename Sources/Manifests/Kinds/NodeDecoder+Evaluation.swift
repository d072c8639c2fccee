//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import YAML

extension NodeDecoder {
    mutating func evaluation(_ field: Field?) -> Evaluation? {
        guard let fields = fields(field) else { return nil }
        let prompts = list(fields["prompts"], "a list of mappings") { decoder, field in decoder.texts(field) }
        let metrics = metrics(fields["metrics"])
        return Evaluation(prompts: prompts ?? [], metrics: metrics, gate: gate(fields["gate"], of: metrics))
    }

    private mutating func gate(_ field: Field?, of metrics: [Evaluation.Metric]) -> [Gate] {
        guard let fields = fields(field) else { return [] }
        var gates: [Gate] = []
        for (metric, field) in zip(fields.keys, fields.all).sorted(by: { $0.0 < $1.0 }) {
            guard metrics.contains(where: { $0.rawValue == metric }) else {
                let words = "the gate's `\(excerpt(metric))` is none of `metrics`, which are measured"
                report(.badValue, words, at: field.node)
                continue
            }
            let gate = scalar(field, "a condition, such as `>= base`, `> base + 0.05` or `<= 1.2`") {
                Gate(metric: metric, condition: $0.text)
            }
            if let gate { gates.append(gate) }
        }
        return gates
    }

    private mutating func metrics(_ field: Field?) -> [Evaluation.Metric] {
        var seen: Set<Evaluation.Metric> = []
        return list(field, "a list of metrics") { decoder, field -> Evaluation.Metric? in
            guard let metric = decoder.choice(field, Evaluation.Metric.self) else { return nil }
            if seen.insert(metric).inserted { return metric }
            decoder.report(.badValue, "`\(metric.rawValue)` stands here twice", at: field.node)
            return nil
        } ?? []
    }
}
