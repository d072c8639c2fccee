//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Git
package import Ledger
package import Planning
package import Resources

/// Where a repository's ledger and versions live: in the repository itself, or on a remote that is a folder.
package struct Home {
    /// The repository that is at hand: the user's, or this machine's copy of the remote.
    package let repository: GitRepository
    /// The settings that say so.
    package let settings: GitSettings
    /// The remote, opened.
    package let remote: RunLedger.Home?
    /// The ledger.
    package let ledger: RunLedger

    /// Opens the remote, if any, and the ledger. A remote that is no folder is refused.
    ///
    /// Steps are signed by the author, else by whom git is configured with.
    package init(
        _ repository: GitRepository,
        settings: GitSettings,
        author: Signature? = nil,
        memory: RecordMemory = .ofProcess
    ) throws {
        self.repository = repository
        self.settings = settings
        let remote = try settings.remote.map { try RunLedger.Home(opening: $0, of: repository) }
        self.remote = remote
        ledger = RunLedger(
            repository: repository,
            remote: remote,
            reference: settings.ledger,
            author: author,
            memory: memory,
            hasVersions: try Self.branches(repository, remote).contains { branch in
                try PublishedVersions.exist(branch.place, branch.tip)
            }
        )
    }

    /// The versions of all branches, here, on the remote, and as last seen on any remote; and which files of which
    /// branches are broken, so that what they say is not known.
    package func allVersions() throws -> (versions: [(branch: String, record: VersionRecord)], broken: [String]) {
        var versions: [(branch: String, record: VersionRecord)] = []
        var broken: [String] = []
        for branch in try Self.branches(repository, remote) {
            let found = try PublishedVersions.readable(branch.place, branch.tip)
            versions += found.records.map { (branch.name, $0) }
            for error in found.broken.map({ "branch \(branch.name): \($0)" }) where !broken.contains(error) {
                broken.append(error)
            }
        }
        return (versions, broken)
    }

    private struct Branch {
        let name: String
        let place: GitRepository
        let tip: ObjectID
    }

    private static func branches(_ repository: GitRepository, _ remote: RunLedger.Home?) throws -> [Branch] {
        let own = try [remote?.repository, repository].compactMap { $0 }.flatMap { place in
            try place.references(under: "refs/heads/").map { name, tip in
                Branch(name: String(name.dropFirst("refs/heads/".count)), place: place, tip: tip)
            }
        }
        let seen = try repository.references(under: "refs/remotes/").map { name, tip in
            let parts = name.split(separator: "/", maxSplits: 3)
            return Branch(name: parts.last.map(String.init) ?? name, place: repository, tip: tip)
        }
        return own + seen
    }

    /// Renews, in one step, every lease that a machine holds.
    package func renewAll(by machine: Machine, now: Timestamp) throws {
        try ledger.step(message: "renew", now: now) { snapshot in
            var renewed: [Fingerprint: RunEntry?] = [:]
            for (fingerprint, entry) in snapshot.entries where entry.holder.id == machine.id {
                guard let later = try? LedgerTransition.renew(entry, by: machine, now: now) else { continue }
                renewed[fingerprint] = later
            }
            return renewed
        }
    }

    /// Whether a branch is here or on the remote.
    func hasBranch(_ name: String) throws -> Bool {
        try [repository, remote?.repository].contains { try $0?.reference("refs/heads/\(name)") != nil }
    }
}
