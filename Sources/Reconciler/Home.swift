//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Git
package import Ledger

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
        remote = try settings.remote.map { name in
            Publisher.Remote(name: name, repository: try repository.openRemote(name))
        }
        ledger = RunLedger(
            local: repository,
            remote: remote.map { RunLedger.Remote(name: $0.name, repository: $0.repository) },
            reference: settings.ledger
        )
    }

    /// A publisher to a branch; `note` is the file in which an unfinished change of the work tree is noted.
    package func publisher(branch: String, note: String, push: Bool) -> Publisher {
        Publisher(local: repository, remote: remote, branch: branch, push: push, note: note)
    }
}
