//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Resources

// What stands in the way of an action.

extension Planner {
    /// What is decided once for the whole plan, or from item to item.
    struct Gate {
        let window: Action.Block?
        var month: MonthBudget?

        init(_ planner: Planner) {
            let inputs = planner.inputs
            window = WindowRule(inputs.project, offset: inputs.offset).block(at: inputs.now)
            month = inputs.project?.spec.spending.perMonth.map {
                MonthBudget(limit: $0, entries: inputs.ledger.values, now: inputs.now)
            }
        }
    }

    /// What keeps an item from being done now; nothing where it may be done. `parent` is what it goes on from, `denied` a
    /// warning about it that Project does not put up with.
    func block(
        _ item: PlanItem,
        parent: PlanItem?,
        _ denied: Action.Block?,
        _ gate: inout Gate
    ) -> Action.Block? {
        let request = item.request
        return switch item.action {
        // What was trained is paid, and only waits for its commit.
        case .upToDate, .inProgress, .unknown, .orphaned, .blocked, .reuse(.trained): nil
        case .reuse(.published), .reuse(.plan), .configure, .drifted: suspended(request)
        case .evaluate, .reuse(.stored): suspended(request) ?? Self.backend(request)
        case .create, .update, .failed:
            suspended(request) ?? Self.backend(request) ?? Self.memory(item) ?? policy(request) ?? denied
                ?? Self.dependency(request, parent) ?? budget(item) ?? gate.window ?? month(item, &gate.month)
        }
    }

    /// What is worth knowing about an item that trains, or waits for its turn or its leave to.
    func findings(_ item: PlanItem) -> [Diagnostic] {
        switch item.action {
        case .create, .update, .failed:
            suspended(item.request) == nil ? inputs.findings(item, estimator) + tightMemory(item) : []
        case .reuse, .evaluate, .configure, .upToDate, .inProgress, .unknown, .drifted, .orphaned, .blocked: []
        }
    }

    func suspended(_ request: TrainingRequest) -> Action.Block? {
        let own = request.terms.suspension.map { ($0, request.terms.fields["spec.suspend"] ?? request.range) }
        let all = inputs.project?.spec.suspension.map { ($0, inputs.project?.fields["spec.suspend"]) }
        let held = [all, own].compactMap { $0 }.first { $0.0.holds(at: inputs.now) }
        return held.map { suspension, range in
            let until = suspension.until.map { " until \($0)" } ?? ""
            return Action.Block(kind: .suspended, reason: "\(suspension.reason)\(until)", range: range)
        }
    }

    /// What keeps the fine-tune that a training goes on from from having a version.
    private static func dependency(_ request: TrainingRequest, _ parent: PlanItem?) -> Action.Block? {
        guard let parent, let name = request.inputs.parent?.fineTune else { return nil }
        let reason: String? =
            switch parent.action {
            case .failed(let failed): "its base \(name) has failed (\(failed.failure.kind))"
            case .blocked(let block): "its base \(name) is blocked (\(block.kind.rawValue))"
            case .unknown(let unknown): "nobody can say whether \(unknown.backend.rawValue) trains its base \(name)"
            case .drifted(let drift): "its base \(name) was lost: \(drift.reason)"
            case .create, .update, .reuse, .evaluate, .configure, .upToDate, .inProgress, .orphaned: nil
            }
        return reason.map {
            Action.Block(kind: .dependency, reason: $0, range: request.terms.fields["spec.base"] ?? request.range)
        }
    }

    static func backend(_ request: TrainingRequest) -> Action.Block? {
        let reason: String? =
            switch (request.backend, request.inputs.baseSource) {
            case (.slurm, _), (.replicate, _), (.auto, _):
                "backend \(request.backend.rawValue) is not supported yet; say `backend: node`"
            case (.node, nil):
                "base model \(request.inputs.base) has no source for the node; "
                    + "add `node:` with `huggingface`, `path` or `python`"
            case (.node, .huggingFace), (.node, .path), (.node, .python):
                nil
            }
        return reason.map { Action.Block(kind: .backend, reason: $0, range: request.range) }
    }
}
