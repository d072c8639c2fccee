//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Artifacts
internal import Planning
internal import Resources
internal import Runs

// Versions of which the store has lost weights.

extension Applier {
    /// Puts weights back that the folder of their run still has; else says what trains them again.
    func recover(_ item: PlanItem, _ drift: Action.Drift) throws -> ApplyResult {
        let version = drift.version
        let folder = state.run(version.run)
        if try store.putBack(version.weights) {
            reporter.say("\(Self.label(version)): put back what \(store.location) had lost, from this machine's cache")
            return recovered(item, version)
        }
        guard folder.isPrepared, try folder.outputFiles() == version.weights.sorted(by: { $0.name < $1.name }) else {
            return result(item, .skipped, "lost; ftops apply --replace trains it again")
        }
        for file in try store.put(folder: folder.output) { try store.verify(file.sha256) }
        reporter.say("\(Self.label(version)): put back what \(store.location) had lost, from \(folder.output)")
        return recovered(item, version)
    }

    private func recovered(_ item: PlanItem, _ version: VersionRecord) -> ApplyResult {
        var done = result(item, .done, Self.label(version), cost: .zero)
        done.version = version
        return done
    }

    /// Lets a run start afresh whose folder has no longer what it ended with. What is whole there is delivered again.
    func forgetLost(_ folder: RunFolder) throws {
        guard let lock = try folder.tryLock(), let done = try folder.readDone(),
            case .completed(let digest) = done.outcome,
            RunFolder.digest(of: try folder.outputFiles()) != digest
        else { return }
        try folder.forgetEnd(fresh: true, holding: lock)
    }
}
