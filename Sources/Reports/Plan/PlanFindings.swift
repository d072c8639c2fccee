//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Planning
package import Resources

/// What of a plan somebody should look at, as findings: its warnings, and what stands in the way of an item.
package enum PlanFindings {
    /// The findings, those that keep something from being done as errors.
    package static func of(_ plan: Plan) -> [Diagnostic] {
        plan.warnings + plan.items.compactMap(finding)
    }

    private static func finding(_ item: PlanItem) -> Diagnostic? {
        let names = item.fineTunes.map(\.rawValue).joined(separator: ", ")
        switch item.action {
        case .blocked(let block):
            return Diagnostic(
                Diagnostic.ID(rawValue: "blocked-" + block.kind.rawValue),
                "\(names) is blocked (\(block.kind.rawValue)): \(block.reason)",
                severity: block.kind.failsApply ? .error : .warning,
                range: block.range ?? item.request.range
            )
        case .failed(let failed):
            let message = "\(names) has failed (\(failed.failure.kind)): \(failed.failure.message)"
            return Diagnostic("failed", message, range: item.request.range)
        case .unknown(let unknown):
            let message = "nobody can say whether \(unknown.backend.rawValue) took the run of \(names)"
            return Diagnostic("unknown", message, range: item.request.range)
        case .drifted(let drift):
            let message = "\(drift.version.label) has drifted: \(drift.reason)"
            return Diagnostic("drifted", message, severity: .warning, range: item.request.range)
        case .create, .update, .reuse, .evaluate, .configure, .upToDate, .inProgress, .orphaned: return nil
        }
    }
}
