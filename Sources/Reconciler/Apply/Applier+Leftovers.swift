//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Ledger
internal import Planning
internal import Resources
internal import Runs

extension Applier {
    /// Finishes what no item of the plan mentions: runs that were trained and not published, and runs of this machine
    /// whose fine-tune has changed since. A claim that nobody wants any more is given up.
    func finishLeftovers() throws {
        let snapshot = try home.ledger.read()
        let open = planned.plan.items.filter { $0.action.word != "up-to-date" }
        let mentioned = Set(open.map(\.fingerprint))
        for (fingerprint, entry) in snapshot.entries.sorted(by: { $0.key < $1.key })
        where !mentioned.contains(fingerprint) {
            switch entry.state {
            case .trained where try home.hasBranch(entry.branch): finishTrained(entry)
            case .claimed where isAbandoned(entry) && isOver(entry):
                try giveUp(fingerprint, snapshot.runID(of: fingerprint))
            case .started where isAbandoned(entry): try resume(entry)
            case .paused where isAbandoned(entry): tellPaused(entry, snapshot.runID(of: fingerprint))
            case .claimed, .started, .paused, .trained, .published, .failed: break
            }
        }
    }

    /// Whether this machine holds a run that nobody carries on: not one of a fine-tune that the targets leave out.
    private func isAbandoned(_ entry: RunEntry) -> Bool {
        entry.holder.id == machine.id
            && !entry.fineTunes.contains { planned.desired.state.fineTunes[$0] != nil && planned.resolved[$0] == nil }
    }

    /// Whether a claim's lease is over, which says that no other `apply` of this machine keeps it for what comes next.
    private func isOver(_ entry: RunEntry) -> Bool { entry.holder.until.map { $0 < workspace.now() } ?? true }

    /// What is in the way of one version is in the way of nothing else.
    private func finishTrained(_ entry: RunEntry) {
        guard let record = entry.version else { return }
        do {
            let publication = try publish(record, of: entry)
            let ended = publication.isPublished ? "published" : "did not publish"
            reporter.say("\(ended) \(Self.label(record)), which an earlier run had left trained")
            for note in publication.notes { reporter.say(note) }
        } catch {
            reporter.say("\(Self.label(record)) is trained and not published yet: \(error)")
        }
    }

    /// Whoever has the run's lock is about to start it, and so it is not given up.
    private func giveUp(_ fingerprint: Fingerprint, _ run: RunID?) throws {
        guard let run, let lock = try state.run(run.rawValue).tryLock() else { return }
        defer { withExtendedLifetime(lock) {} }
        try home.ledger.step(message: "give up \(fingerprint.short)", now: workspace.now()) { snapshot in
            do {
                return [fingerprint: try LedgerTransition.giveUp(snapshot.entries[fingerprint], by: machine)]
            } catch is LedgerRefusal {
                return [:]
            }
        }
    }

    private func resume(_ entry: RunEntry) throws {
        guard let run = try home.ledger.read().runID(of: entry.fingerprint) else { return }
        let folder = state.run(run.rawValue)
        guard folder.isPrepared else { return }
        try folder.forgetPause()
        _ = try supervisors.spawn(folder)
        reporter.say("going on with run \(run) of \(entry.model), which this machine had started")
    }
}
