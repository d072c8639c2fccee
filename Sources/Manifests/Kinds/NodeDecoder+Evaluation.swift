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
        let (metrics, gate) = (metrics(fields["metrics"]), gate(fields["gate"]))
        let further = gate.compactMap { Evaluation.Metric(rawValue: $0.metric) }.filter { !metrics.contains($0) }
        return Evaluation(prompts: prompts ?? [], metrics: metrics + further, gate: gate)
    }

    private mutating func gate(_ field: Field?) -> [Gate] {
        guard let fields = fields(field) else { return [] }
        return zip(fields.keys, fields.all).sorted { $0.0 < $1.0 }.compactMap { metric, field in
            scalar(field, "a condition, such as `>= base`, `> base + 0.05` or `<= 1.2`") {
                Gate(metric: metric, condition: $0.text)
            }
        }
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
