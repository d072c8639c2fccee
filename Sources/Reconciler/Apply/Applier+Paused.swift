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
    /// A run of this machine that stopped at a checkpoint: how far it came, and what lets it go on.
    func paused(_ item: PlanItem, _ entry: RunEntry, _ folder: RunFolder) -> ApplyResult {
        let step = (try? folder.summary())?.step.map { "step \($0.step) of \($0.steps)" }
        let facts = [entry.pausedBy.map { "by \($0)" }, step].compactMap { $0 }.joined(separator: ", ")
        let next = entry.pausedBy == nil ? "ftops apply resumes it" : "ftops resume \(Self.name(entry)) lets it go on"
        return finished(item, entry, .paused, facts.isEmpty ? next : "\(next) (\(facts))")
    }

    /// A run that another machine has paused, or is about to; nothing where it is not, or where it may be taken over.
    func pausedElsewhere(_ item: PlanItem, _ entry: RunEntry) -> ApplyResult? {
        if LedgerTransition.mayTakeStarted(entry, by: machine, now: workspace.now()) { return nil }
        let host = entry.holder.host
        if let person = entry.pausedBy {
            return result(item, .paused, "ftops resume \(Self.name(entry)) lets it go on (by \(person), on \(host))")
        }
        return entry.state == .paused ? result(item, .paused, "ftops apply on \(host) resumes it") : nil
    }

    /// Tells of a paused run that the plan does not ask for, such as one whose fine-tune has changed since.
    func tellPaused(_ entry: RunEntry, _ run: RunID?) {
        guard let run else { return }
        reporter.say(
            "run \(run) of \(entry.model) stays paused: ftops resume \(run) goes on with it, ftops cancel \(run) ends it"
        )
    }

    private static func name(_ entry: RunEntry) -> String {
        entry.fineTunes.first?.rawValue ?? entry.fingerprint.short
    }
}
