//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import YAML

extension NodeDecoder {
    /// Metrics whose names are taken, and which later work measures.
    private static let laterMetrics = ["rougeL", "rouge1", "rouge2", "bleu", "chrf", "f1", "accuracy"]

    mutating func evaluation(_ field: Field?) -> Evaluation? {
        guard let fields = fields(field, known: ["prompts", "metrics", "gate"]) else { return nil }
        unsupported(["gate": .table(.text)], in: fields)
        let prompts = list(fields["prompts"], "a list of mappings") { decoder, field in decoder.texts(field) }
        return Evaluation(prompts: prompts ?? [], metrics: metrics(fields["metrics"]))
    }

    private mutating func metrics(_ field: Field?) -> [Evaluation.Metric] {
        var seen: Set<Evaluation.Metric> = []
        return list(field, "a list of metrics") { decoder, field -> Evaluation.Metric? in
            guard let metric = decoder.metric(field) else { return nil }
            if seen.insert(metric).inserted { return metric }
            decoder.report(.badValue, "`\(metric.rawValue)` stands here twice", at: field.node)
            return nil
        } ?? []
    }

    private mutating func metric(_ field: Field) -> Evaluation.Metric? {
        if let text = field.node.scalar?.text, Self.laterMetrics.contains(text) {
            notSupported(field, "the metric \(text)")
            return nil
        }
        return choice(field, Evaluation.Metric.self)
    }
}
