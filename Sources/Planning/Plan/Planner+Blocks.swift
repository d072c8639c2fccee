//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Resources

// What stands in the way of an action.

extension Planner {
    /// What keeps an action from being done now; nothing where it may be done.
    func block(_ action: Action, _ request: TrainingRequest) -> Action.Block? {
        switch action {
        // What was trained is paid, and only waits for its commit.
        case .upToDate, .inProgress, .unknown, .orphaned, .blocked, .reuse(.trained): nil
        case .reuse(.published), .reuse(.plan), .configure, .drifted: suspended(request)
        case .evaluate, .reuse(.stored): suspended(request) ?? Self.backend(request)
        case .create, .update, .failed: suspended(request) ?? Self.backend(request)
        }
    }

    private func suspended(_ request: TrainingRequest) -> Action.Block? {
        let own = request.terms.suspension.map { ($0, request.terms.fields["spec.suspend"] ?? request.range) }
        let all = inputs.project?.spec.suspension.map { ($0, inputs.project?.fields["spec.suspend"]) }
        let held = [all, own].compactMap { $0 }.first { $0.0.holds(at: inputs.now) }
        return held.map { suspension, range in
            let until = suspension.until.map { " until \($0)" } ?? ""
            return Action.Block(kind: .suspended, reason: "\(suspension.reason)\(until)", range: range)
        }
    }

    private static func backend(_ request: TrainingRequest) -> Action.Block? {
        let reason: String? =
            switch (request.backend, request.inputs.baseSource) {
            case (.slurm, _), (.replicate, _), (.auto, _):
                "backend \(request.backend.rawValue) is not supported yet; say `backend: node`"
            case (.node, .huggingFace(let id, _)):
                "the node cannot fetch \(id) from Hugging Face yet; give base model \(request.inputs.base) "
                    + "a `path` or `python` source"
            case (.node, nil):
                "base model \(request.inputs.base) has no source for the node; "
                    + "add `node:` with `path` or `python`"
            case (.node, .path), (.node, .python):
                nil
            }
        return reason.map { Action.Block(kind: .backend, reason: $0, range: request.range) }
    }
}
