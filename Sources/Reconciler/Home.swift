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
    /// The user's repository.
    package let repository: GitRepository
    /// The settings that say so.
    package let settings: GitSettings
    /// The remote, opened.
    package let remote: Publisher.Remote?
    /// The ledger.
    package let ledger: RunLedger

    /// Opens the remote, if any, and the ledger. A remote that is no folder is refused.
    package init(_ repository: GitRepository, settings: GitSettings) throws {
        self.repository = repository
        self.settings = settings
        let remote = try settings.remote.map { name in
            Publisher.Remote(name: name, repository: try repository.openRemote(name))
        }
        self.remote = remote
        ledger = RunLedger(
            repository: repository,
            remote: remote.map { RunLedger.Home(name: $0.name, repository: $0.repository) },
            reference: settings.ledger,
            hasVersions: try Self.branches(repository, remote).contains { branch in
                try PublishedVersions.exist(branch.place, branch.tip)
            }
        )
    }

    /// The versions of all branches, here, on the remote, and as last seen on any remote.
    package func allVersions() throws -> [(branch: String, record: VersionRecord)] {
        try Self.branches(repository, remote).flatMap { branch in
            try PublishedVersions.read(branch.place, branch.tip).map { (branch.name, $0) }
        }
    }

    private struct Branch {
        let name: String
        let place: GitRepository
        let tip: ObjectID
    }

    private static func branches(_ repository: GitRepository, _ remote: Publisher.Remote?) throws -> [Branch] {
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

    /// A publisher to a branch.
    package func publisher(branch: String, push: Bool) -> Publisher {
        Publisher(local: repository, remote: remote, branch: branch, push: push)
    }
}
