//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Resources

/// Metrics as the command line names them: with commas between them, each once.
struct MetricList: ExpressibleByArgument {
    let metrics: [Evaluation.Metric]

    init?(argument: String) {
        let names = argument.split(separator: ",", omittingEmptySubsequences: false)
        let metrics = names.compactMap { Evaluation.Metric(rawValue: String($0)) }
        guard metrics.count == names.count, Set(metrics).count == names.count else { return nil }
        self.metrics = metrics
    }

    static var allValueStrings: [String] { Evaluation.Metric.allCases.map(\.rawValue) }
}
