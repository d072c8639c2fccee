//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// What is to be said of a version that does not meet its gate.
package enum GateNote {
    /// Such as `gate not met: rougeL >= base (0.250, base 0.300)`; nothing where it is met.
    package static func text(_ version: VersionRecord) -> String? {
        guard let evaluation = version.evaluation, !version.meetsGate else { return nil }
        return "gate not met: " + version.unmet.map { line($0, evaluation) }.joined(separator: "; ")
    }

    /// A condition with what was measured.
    static func line(_ verdict: VersionRecord.Verdict, _ evaluation: VersionRecord.EvaluationResult) -> String {
        let measured = evaluation.comparisons.filter { $0.metric == verdict.metric }
        guard let used = measured.first(where: { $0.set == .validation }) ?? measured.first else {
            return "\(verdict.metric) \(verdict.condition) (not measured)"
        }
        let figures = MetricFigures(used)
        return "\(verdict.metric) \(verdict.condition) (\(figures.version), base \(figures.base))"
    }
}
