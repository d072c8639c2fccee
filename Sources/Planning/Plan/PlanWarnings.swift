//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Resources

/// The warnings of a plan by Project's rules: each is said once, and those that Project silences are not said.
struct PlanWarnings {
    private let project: Located<Project>?
    private(set) var all: [Diagnostic] = []
    private var said: Set<Diagnostic> = []

    init(_ project: Located<Project>?) { self.project = project }

    /// Adds what was found about an item; why it is blocked where Project denies some of it.
    mutating func add(_ findings: [Diagnostic]) -> Action.Block? {
        for finding in findings where !finding.isSilenced(by: project?.spec) && said.insert(finding).inserted {
            all.append(finding)
        }
        for (index, code) in (project?.spec.warnings.deny ?? []).enumerated() {
            guard let denied = findings.first(where: { $0.id.rawValue == code }) else { continue }
            return Action.Block(
                kind: .policy,
                reason: "\(denied.message) [\(code)]",
                range: project?.fields["spec.warnings.deny[\(index)]"] ?? project?.range
            )
        }
        return nil
    }
}

extension Diagnostic {
    /// Whether a project does not want to hear of it.
    package func isSilenced(by project: Project?) -> Bool {
        severity == .warning && (project?.warnings.silence.contains(id.rawValue) ?? false)
    }
}
