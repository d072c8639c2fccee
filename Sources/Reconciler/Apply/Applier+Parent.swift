//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Artifacts
internal import Ledger
internal import Planning
internal import Resources

extension Applier {
    /// Whether what an item goes on from is there: an item whose base has no weights yet is not claimed.
    func isReady(_ item: PlanItem) throws -> Bool {
        guard item.request.inputs.parent != nil else { return true }
        guard let parent = try parent(of: item) else { return false }
        return try parent.weights.allSatisfy { try store.has($0.sha256) }
    }

    /// The version that an item goes on from; nothing where it starts from a BaseModel, or there is none yet.
    func parent(of item: PlanItem) throws -> VersionRecord? {
        guard let parent = item.request.inputs.parent else { return nil }
        if let version = try home.ledger.read().entries[parent.fingerprint]?.version { return version }
        return planned.plan.items.first { $0.fingerprint == parent.fingerprint && $0.action.version != nil }?
            .action.version
    }

    /// What became of an item whose base has no weights here.
    func waiting(_ item: PlanItem) throws -> ApplyResult {
        let name = item.request.inputs.parent?.fineTune.rawValue ?? ""
        if try parent(of: item) != nil {
            return result(item, .skipped, "no weights of its base \(name) are in the store \(store.location)")
        }
        var waiting = result(item, .skipped, "its base \(name) is not trained yet")
        let entry = try item.request.inputs.parent.flatMap { try home.ledger.read().entries[$0.fingerprint] }
        waiting.isHeld = entry.map { $0.holder.id != machine.id && $0.state != .failed } ?? false
        return waiting
    }
}
