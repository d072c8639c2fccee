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
    /// Publishes a version that was trained already, without training, and judges it anew where that is wanted.
    func reuse(_ item: PlanItem, _ source: Action.ReuseSource) throws -> ApplyResult {
        try judged(item, try publishAnew(item, source))
    }

    /// The result, once its version is judged as is asked for now.
    func judged(_ item: PlanItem, _ done: ApplyResult) throws -> ApplyResult {
        guard done.outcome == .done, let version = done.version, version.number != nil,
            let wanted = item.request.evaluation?.digest, wanted != version.evaluation?.digest
        else { return done }
        return try evaluate(item, version)
    }

    private func publishAnew(_ item: PlanItem, _ source: Action.ReuseSource) throws -> ApplyResult {
        if case .published(let record) = source { return try copy(record, for: item) }
        guard let entry = try home.ledger.read().entries[item.fingerprint] else {
            return result(item, .skipped, "the ledger has changed; run ftops apply again")
        }
        switch entry.state {
        case .trained, .published: return try conclude(item, entry)
        case .claimed, .started, .paused:
            var held = result(item, .skipped, "the training that it would reuse has not ended")
            held.isHeld = entry.holder.id != machine.id
            return held
        case .failed: return result(item, .skipped, "the training that it would reuse has failed")
        }
    }

    /// Makes sure that an item has the version that a run ended with, whoever trained it and for whatever model.
    func conclude(_ item: PlanItem, _ entry: RunEntry) throws -> ApplyResult {
        guard let record = entry.version else { return result(item, .skipped, "there is no version to publish") }
        guard record.model == item.destination, entry.branch == branch else { return try copy(record, for: item) }
        let publication = try publish(record, of: entry)
        var done = finished(item, entry, .done, "")
        note(publication, of: record, in: &done)
        return done
    }

    func publish(_ record: VersionRecord, of entry: RunEntry) throws -> Publication {
        try Delivery(publishing).publish(
            record,
            of: entry,
            description: model(record.model),
            push: pushes,
            now: workspace.now()
        )
    }

    /// Publishes what no run of this machine carries to its end.
    func publish(
        _ record: VersionRecord,
        for item: PlanItem,
        as content: Publication.Content = .version
    ) throws -> Publication {
        try publishing.publisher(branch: branch, push: pushes)
            .publish(record, description: model(item.destination), as: content)
    }

    /// Writes into a version's record what changed about it without its weights.
    func configure(_ item: PlanItem, _ record: VersionRecord) throws -> ApplyResult {
        var configured = record
        configured.inputs.stop = item.request.inputs.stop
        return account(item, configured, try publish(configured, for: item, as: .configuration))
    }

    /// Commits a version of another model, or of another branch, for this destination.
    private func copy(_ record: VersionRecord, for item: PlanItem) throws -> ApplyResult {
        var copied = record
        copied.model = item.destination
        copied.fineTunes = item.fineTunes
        copied.number = nil
        copied.commit = commit
        copied.inputs.stop = item.request.inputs.stop
        return account(item, copied, try publish(copied, for: item))
    }

    /// The result of a version that cost nothing.
    func account(_ item: PlanItem, _ record: VersionRecord, _ publication: Publication) -> ApplyResult {
        var done = result(item, .done, "", cost: .zero)
        note(publication, of: record, in: &done)
        return done
    }

    private func note(_ publication: Publication, of record: VersionRecord, in done: inout ApplyResult) {
        var numbered = record
        numbered.number = publication.number ?? record.number
        for note in publication.notes { reporter.say(note) }
        done.version = numbered
        done.detail = Self.label(numbered) + (publication.isPublished ? "" : ", not published yet")
    }

    /// Whether this `apply` pushes versions.
    var pushes: Bool { options.push && planned.settings.push }
}
