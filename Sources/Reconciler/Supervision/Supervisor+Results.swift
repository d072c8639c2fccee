//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Artifacts
internal import Ledger
internal import POSIX
internal import Planning
internal import Resources
internal import Runs

// What becomes of a result: the store, the record, the commit.

extension Supervisor {
    var builder: RecordBuilder {
        RecordBuilder(draft: supervision.draft, pricePerHour: supervision.pricePerHour)
    }

    /// Stores the weights, reads them back, and writes the whole record.
    func deliver(attempt: Int) throws {
        let weights = try whenStoreAnswers {
            let weights = try store.put(folder: folder.output)
            for file in weights { try store.verify(file.sha256) }
            return weights
        }
        let ended = try folder.readDone()?.time ?? now()
        let known = try home.ledger.read().entries[fingerprint]
        guard
            let record = try builder.record(
                folder,
                weights: weights,
                attempts: attempts(known, attempt, ended),
                now: ended
            )
        else {
            throw ReconcilerError(.damaged, "\(folder.events) does not tell that the training completed")
        }
        keep(record)
        try write("store") { entry throws(LedgerRefusal) in
            let end = self.end(attempt, outcome: "completed", entry: entry)
            let purpose = entry.map { RunPurpose($0) } ?? RunPurpose(record, branch: self.supervision.branch)
            return try LedgerTransition.trained(entry, record, end: end, for: purpose, by: self.machine)
        }
        turn = nil
    }

    /// Leaves the result for other repositories of this machine, which is no reason to lose it for this one.
    private func keep(_ record: VersionRecord) {
        do {
            try SharedResults(store: store).keep(record)
        } catch {
            log("other repositories will not find the result: \(error)")
        }
    }

    /// Takes the result that another repository of this machine has left in the store; false where there is none, and
    /// the run is to be trained.
    func reuse() throws -> Bool {
        let results = SharedResults(store: store)
        let stored: VersionRecord
        do {
            guard let found = try whenStoreAnswers({ try results.verified(fingerprint) }) else { return false }
            stored = found
        } catch let error as ArtifactError where error.isPassing || error.code == .settings {
            // Whether it is there is not known, and to train it again would cost.
            throw error
        } catch {
            log("not reused: \(error)")
            return false
        }
        let record = builder.record(reusing: stored, now: now())
        let lost = lostAttempts
        let written = try write("reuse") { entry throws(LedgerRefusal) in
            try LedgerTransition.reused(entry, record, by: self.machine, lost: lost, now: self.now())
        }
        guard written != nil else { return false }
        turn = nil
        return true
    }

    /// The attempts as they are once this one has ended.
    private func attempts(_ entry: RunEntry?, _ number: Int, _ ended: Timestamp) -> [RunEntry.Attempt] {
        var attempts = entry?.attempts ?? []
        for index in attempts.indices where attempts[index].number == number { attempts[index].ended = ended }
        return attempts
    }

    /// Commits the version; false where that is left to a later `ftops`.
    func publish() throws -> Bool {
        guard let entry = try home.ledger.read().entries[fingerprint], let record = entry.version else { return false }
        let delivery = Delivery(publishing)
        let publication = try delivery.publish(
            record,
            of: entry,
            description: supervision.model,
            push: supervision.push,
            now: now()
        )
        for note in publication.notes { log(note) }
        try DurableFile.write(publication.notes.joined(separator: "\n"), to: folder.path + "/notes")
        return publication.isPublished
    }
}
