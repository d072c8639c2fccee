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
    /// Publishes a version that was trained already, without training.
    func reuse(_ item: PlanItem, _ source: Action.ReuseSource) throws -> ApplyResult {
        switch source {
        case .trained(let record):
            guard let entry = try home.ledger.read().entries[item.fingerprint], entry.version != nil else {
                return result(item, .skipped, "the ledger has changed; run ftops apply again")
            }
            guard entry.model == item.destination else { return try copy(record, for: item) }
            return try deliver(item, entry)
        case .published(let record):
            return try copy(record, for: item)
        case .plan:
            guard let record = try home.ledger.read().entries[item.fingerprint]?.version else {
                return result(item, .skipped, "the training that it would reuse has not ended with a version")
            }
            return try copy(record, for: item)
        }
    }

    private func deliver(_ item: PlanItem, _ entry: RunEntry) throws -> ApplyResult {
        guard let record = entry.version else { return result(item, .skipped, "there is no version to publish") }
        return account(item, record, try publish(record, of: entry))
    }

    private func publish(_ record: VersionRecord, of entry: RunEntry) throws -> Publication {
        try Delivery(home: home, note: note).publish(
            record,
            of: entry,
            description: model(entry.model),
            push: pushes,
            now: workspace.now()
        )
    }

    /// Commits a version of another model, or of another branch, for this destination.
    private func copy(_ record: VersionRecord, for item: PlanItem) throws -> ApplyResult {
        var copied = record
        copied.model = item.destination
        copied.fineTunes = item.fineTunes
        copied.number = nil
        copied.commit = commit
        let publication = try home.publisher(branch: branch, note: note, push: pushes)
            .publish(copied, description: model(item.destination))
        return account(item, copied, publication)
    }

    func account(_ item: PlanItem, _ record: VersionRecord, _ publication: Publication) -> ApplyResult {
        var numbered = record
        numbered.number = publication.number ?? record.number
        for note in publication.notes { reporter.say(note) }
        let label = Self.label(numbered)
        let detail = publication.isPublished ? label : "\(label), not published yet"
        var done = result(item, .done, detail, cost: .zero)
        done.version = numbered
        return done
    }

    /// Whether this `apply` pushes versions.
    var pushes: Bool { options.push && planned.settings.push }

    /// Where an unfinished change of the work tree is noted when no run's folder is at hand.
    var note: String { state.path + "/work-tree-\(workspace.repositoryKey).json" }

    /// Finishes what no item of the plan mentions: runs that were trained and not published, and runs of this machine
    /// whose fine-tune has changed since. A claim that nobody wants any more is given up.
    func finishLeftovers() throws {
        let open = planned.plan.items.filter { $0.action.word != "up-to-date" }
        let mentioned = Set(open.map(\.fingerprint))
        let entries = try home.ledger.read().entries
        for (fingerprint, entry) in entries.sorted(by: { $0.key < $1.key }) where !mentioned.contains(fingerprint) {
            switch entry.state {
            case .trained: try finishTrained(entry)
            case .claimed where entry.holder.id == machine.id: try giveUp(fingerprint)
            case .started where entry.holder.id == machine.id: try resume(entry)
            case .claimed, .started, .paused, .published, .failed: break
            }
        }
    }

    private func finishTrained(_ entry: RunEntry) throws {
        guard let record = entry.version else { return }
        let publication = try publish(record, of: entry)
        reporter.say("published \(Self.label(record)), which an earlier run had left trained")
        for note in publication.notes { reporter.say(note) }
    }

    private func giveUp(_ fingerprint: Fingerprint) throws {
        try home.ledger.step(message: "give up \(fingerprint.short)", now: workspace.now()) { snapshot in
            let given = try? LedgerTransition.giveUp(snapshot.entries[fingerprint], by: machine)
            return given.map { [fingerprint: $0] } ?? [:]
        }
    }

    private func resume(_ entry: RunEntry) throws {
        guard let run = try home.ledger.read().runID(of: entry.fingerprint) else { return }
        let folder = state.run(run.rawValue)
        guard folder.isPrepared else { return }
        _ = try SupervisorProcess(places: workspace.places).spawn(folder)
        reporter.say("going on with run \(run) of \(entry.model), which this machine had started")
    }
}
