//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Git
import Planning
import Resources

/// What was read of the ledger for one step.
struct LedgerReading {
    /// The ledger as it lies at its home.
    var tip: LedgerSnapshot
    /// What holds: the same, with what the repository's own ledger has beside it.
    var view: LedgerSnapshot
    /// The repository's own ledger, where the home does not have it yet.
    var own: ObjectID?
}

extension RunLedger {
    func history(of repository: GitRepository) -> LedgerHistory {
        LedgerHistory(repository: repository, memory: memory)
    }

    /// The repository that the ledger lies in.
    var home: GitRepository { remote?.repository ?? local }

    /// Where what was last seen of a remote's ledger is kept.
    var seenReference: String? { remote.map { Self.seenReference(of: $0.name) } }

    static func seenReference(of remote: String) -> String { "\(remotesFolder)\(remote)/ledger" }

    /// Marks the own ledger that has become part of the remote's.
    var mergedReference: String? { remote.map { Self.mergedReference(of: $0.name) } }

    private static func mergedReference(of remote: String) -> String { "\(remotesFolder)\(remote)/merged" }

    private static let remotesFolder = "refs/ftops/remotes/"

    func current() throws -> LedgerReading {
        // A folder that is away for a moment reads as one without references, and must not be taken for that.
        if let remote, !remote.repository.isPresent {
            throw GitError(unreachable: remote.name, at: remote.repository.gitDirectory)
        }
        // What was seen is read first: another process on this machine may see a newer tip before this one does.
        let seen = try seen()
        guard let tip = try home.reference(reference) else { return try absent(seen: seen) }
        if remote == nil, let other = try successor(of: tip) { throw moved(from: other) }
        if let seen, !(try home.contains(seen) && home.isAncestor(seen, of: tip)) { throw moved(from: seen) }
        if remote != nil, seen != tip { try remember(tip) }
        let snapshot = try history(of: home).snapshot(at: tip)
        guard let own = try unmergedOwn(tip) else { return LedgerReading(tip: snapshot, view: snapshot) }
        let entries = try history(of: local).snapshot(at: own).entries
        let view = LedgerSnapshot(
            tip: snapshot.tip,
            root: snapshot.root,
            entries: LedgerMerge.union(snapshot.entries, entries)
        )
        return LedgerReading(tip: snapshot, view: view, own: own)
    }

    /// Commits on the tip that was read; nothing where that has moved.
    func advance(
        _ reading: LedgerReading,
        to entries: [Fingerprint: RunEntry],
        message: String,
        now: Timestamp
    ) throws -> LedgerSnapshot? {
        guard entries != reading.view.entries else { return reading.view }
        return try swap(reading, entries, message: message, now: now)
    }

    /// The same where the entries are those that hold already, and the home does not have all of them.
    func swap(
        _ reading: LedgerReading,
        _ entries: [Fingerprint: RunEntry],
        message: String,
        now: Timestamp
    ) throws -> LedgerSnapshot? {
        if reading.tip.tip == nil, let own = reading.own { return try handOver(own) }
        let after = try history(of: home).commit(
            entries,
            on: reading.tip,
            as: LedgerStep(message: message, author: try author(now))
        )
        guard let after, let tip = after.tip else {
            if let own = reading.own { try markMerged(own) }
            return reading.view
        }
        let isMoved = try home.compareAndSwap(reference, from: reading.tip.tip, to: tip, message: "ftops: \(message)")
        guard isMoved else { return nil }
        if remote != nil { try remember(tip) }
        if let own = reading.own { try markMerged(own) }
        return after
    }

    /// Nothing where a ledger should be reads as an error wherever anything shows that there was one.
    private func absent(seen: ObjectID?) throws -> LedgerReading {
        if let seen { throw moved(from: seen) }
        guard remote != nil, let own = try local.reference(reference) else {
            if let other = try copies().first { throw moved(from: other.tip) }
            if try hasVersions() { throw missing }
            return LedgerReading(tip: .empty, view: .empty)
        }
        if let other = try successor(of: own) { throw moved(from: other) }
        let view = try history(of: local).snapshot(at: own)
        return LedgerReading(tip: .empty, view: view, own: own)
    }

    /// Gives a remote without a ledger the repository's own one, whole; the step is then decided on it.
    private func handOver(_ own: ObjectID) throws -> LedgerSnapshot? {
        try local.copy(own, to: home)
        if try home.compareAndSwap(reference, from: nil, to: own, message: "ftops: hand over the ledger") {
            try markMerged(own)
        }
        return nil
    }

    /// The own ledger, where the remote has another one that does not hold it.
    private func unmergedOwn(_ tip: ObjectID) throws -> ObjectID? {
        guard let mergedReference, let own = try local.reference(reference) else { return nil }
        if try local.reference(mergedReference) == own { return nil }
        return try local.isAncestor(own, of: tip) ? nil : own
    }

    /// What was last seen of the ledger at each remote.
    func copies() throws -> [(remote: String, tip: ObjectID)] {
        try local.references(under: Self.remotesFolder).compactMap { name, tip in
            guard name.hasSuffix("/ledger") else { return nil }
            return (String(name.dropFirst(Self.remotesFolder.count).dropLast("/ledger".count)), tip)
        }
    }

    /// The copy of a remote's ledger that goes on from the own one, which was handed over there; the project has gone to
    /// another remote since, or to none.
    private func successor(of own: ObjectID) throws -> ObjectID? {
        for copy in try copies() where copy.remote != remote?.name && copy.tip != own {
            if try local.reference(Self.mergedReference(of: copy.remote)) == own { return copy.tip }
        }
        return nil
    }

    func markMerged(_ own: ObjectID) throws {
        guard let mergedReference else { return }
        let before = try local.reference(mergedReference)
        _ = try local.compareAndSwap(mergedReference, from: before, to: own, message: "ftops: own ledger handed over")
    }

    /// Keeps a tip of the remote's ledger here with its objects; an older one than is kept already changes nothing.
    func remember(_ tip: ObjectID) throws {
        guard let remote, let seenReference else { return }
        var refusals = 0
        while true {
            let seen = try local.reference(seenReference)
            // The first time all of a long history may come, as a pack; later the few steps since.
            let known = try seen ?? local.fetch(remote: remote.name, reference: reference)
            try remote.repository.copy(tip, excluding: known.map { [$0] } ?? [], to: local)
            if let seen, try local.isAncestor(tip, of: seen) { return }
            if try local.compareAndSwap(seenReference, from: seen, to: tip, message: "ftops: read the ledger") {
                return
            }
            refusals += 1
            Self.pause(after: refusals)
        }
    }

    /// Ledger commits say who made them where git knows, and are made all the same where it does not.
    func author(_ now: Timestamp) throws -> Signature {
        var author: Signature
        do throws(GitError) {
            author = if let signer { signer } else { try local.configuredIdentity() }
        } catch {
            guard error.code == .noIdentity else { throw error }
            author = .ftops
        }
        author.seconds = now.seconds
        return author
    }

    /// What was last seen of a remote's ledger.
    func seen() throws -> ObjectID? { try seenReference.flatMap { try local.reference($0) } }

    /// The repository's own ledger beside the remote's.
    func own() throws -> ObjectID? { try remote == nil ? nil : local.reference(reference) }

    private var missing: LedgerError {
        LedgerError(
            .missing,
            """
            ledger missing: \(place) is not there, although versions were published; \
            run `ftops doctor --fix` to rebuild it from the versions of all branches
            """
        )
    }

    private func moved(from seen: ObjectID) -> LedgerError {
        LedgerError(
            .missing,
            """
            ledger missing: \(place) does not follow from \(seen.short), which was last seen of it; \
            run `ftops doctor --fix` to rebuild it from the versions of all branches and the last copy
            """
        )
    }

    private var place: String { remote.map { "\(reference) at remote `\($0.name)`" } ?? reference }
}
