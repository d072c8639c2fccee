//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Git
import Planning
import Resources

/// The ledger's form in git: a linear history whose tree holds one file a run.
struct LedgerHistory {
    private static let rootKey = "ledger-root: "
    /// What the first commit says, and a random text.
    private static let beginning = "ledger: "

    let repository: GitRepository
    var memory = RecordMemory.ofProcess

    /// All that the ledger says at a tip.
    func snapshot(at tip: ObjectID) throws -> LedgerSnapshot {
        let reading = FolderReading(repository: repository, read: entry)
        var entries: [Fingerprint: RunEntry] = [:]
        if let folder = try memory.runs.folder(at: RunEntryCodec.folder, of: tip, reading) {
            entries.reserveCapacity(folder.count)
            folder.forEach { entries[$0.fingerprint] = $0 }
        } else if let file = try repository.file(at: RunEntryCodec.folder, in: tip) {
            // A file in the folder's place is no ledger without runs.
            _ = try entry(file)
        }
        return LedgerSnapshot(tip: tip, root: try root(of: tip), entries: entries)
    }

    private func entry(_ file: TreeFile) throws -> RunEntry {
        let entry = try RunEntryCodec.entry(try repository.blob(file.id), at: "\(file.path) of the ledger")
        guard RunEntryCodec.path(of: entry.fingerprint) == file.path else {
            throw LedgerError(.broken, "\(file.path) of the ledger holds the run of \(entry.fingerprint)")
        }
        return entry
    }

    /// Writes the commit that leads from a tip to other entries; nothing where they are the same.
    ///
    /// The tips of other ledgers that it folds in become further parents.
    func commit(
        _ entries: [Fingerprint: RunEntry],
        on tip: LedgerSnapshot,
        folding others: [ObjectID] = [],
        as step: LedgerStep
    ) throws -> LedgerSnapshot? {
        var changes: [String: [UInt8]?] = [:]
        for (fingerprint, entry) in entries where tip.entries[fingerprint] != entry {
            changes[RunEntryCodec.path(of: fingerprint)] = .some(Array(RunEntryCodec.text(entry).utf8))
        }
        for fingerprint in tip.entries.keys where entries[fingerprint] == nil {
            changes[RunEntryCodec.path(of: fingerprint)] = .some(nil)
        }
        guard !changes.isEmpty || !others.isEmpty else { return nil }
        let tree = try repository.writeTree(basedOn: tip.tip, changes: changes)
        // The nonce keeps two machines that take the same step from writing the same commit, each believing it its own.
        let line = tip.root.map { "\(Self.rootKey)\($0)\nstep: \(Self.nonce())" } ?? "\(Self.beginning)\(Self.nonce())"
        let commit = try repository.writeCommit(
            tree: tree,
            parents: (tip.tip.map { [$0] } ?? []) + others,
            message: "\(step.message)\n\n\(line)\n",
            author: step.author
        )
        return LedgerSnapshot(tip: commit, root: tip.root ?? commit, entries: entries)
    }

    /// Each commit but the first names the first, so that it is found without walking all of the history.
    private func root(of tip: ObjectID) throws -> ObjectID {
        let lines = try repository.commit(tip).message.split(separator: "\n")
        let named = lines.last { $0.hasPrefix(Self.rootKey) }.flatMap { line in
            ObjectID(hex: String(line.dropFirst(Self.rootKey.count)))
        }
        if let named { return named }
        let root = try repository.rootCommit(of: tip)
        guard try repository.commit(root).message.contains("\n\(Self.beginning)") else {
            throw LedgerError(
                .broken,
                "the ledger's ref is at \(tip.short), which is no commit of a ledger: name another ref in Project, such as "
                    + "`git: {ledger: refs/ftops/ledger}`"
            )
        }
        return root
    }

    private static func nonce() -> String {
        (0..<2).map { _ in String(UInt64.random(in: 1 << 60 ... .max), radix: 16) }.joined()
    }
}

/// How a step is written down.
struct LedgerStep {
    let message: String
    let author: Signature
}
