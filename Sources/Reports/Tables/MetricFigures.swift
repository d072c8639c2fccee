//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Resources

/// A metric of base and version as text.
struct MetricFigures {
    let comparison: VersionRecord.Comparison

    init(_ comparison: VersionRecord.Comparison) { self.comparison = comparison }

    /// What it is called where other figures stand beside it.
    var name: String {
        switch Evaluation.Metric(rawValue: comparison.metric) {
        case .loss: "validation loss"
        case .perplexity: "perplexity"
        case .exactMatch: "exact on \(comparison.set.rawValue)"
        case .jsonValidity: "valid JSON on \(comparison.set.rawValue)"
        case .rouge1, .rouge2, .rougeL, .f1, nil: "\(comparison.metric) on \(comparison.set.rawValue)"
        }
    }

    var base: String { figure(comparison.base) }
    var version: String { figure(comparison.version) }
    var difference: String { signed(comparison.difference) }

    /// Where the difference lies; a dash for a single example.
    var interval: String {
        comparison.interval.map { "[\(signed($0.lower)), \(signed($0.upper))]" } ?? "-"
    }

    var examples: String { Figures.count(comparison.examples) }

    /// All of it in a table's columns, behind the name.
    var cells: [String] { [base, version, difference, interval, examples] }

    private func figure(_ value: Double) -> String { Figures.fixed(value, places: places) }

    private func signed(_ value: Double) -> String {
        let text = figure(value)
        return value > 0 && text.contains(where: { ("1"..."9").contains($0) }) ? "+\(text)" : text
    }

    private var places: Int {
        switch Evaluation.Metric(rawValue: comparison.metric) {
        case .loss: 4
        case .perplexity: 2
        case .exactMatch, .rouge1, .rouge2, .rougeL, .f1, .jsonValidity, nil: 3
        }
    }
}
