//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Git
internal import Ledger

/// All that versions are published with: where they go, from where, and by whom.
package struct Publishing {
    /// Where the ledger and the versions live.
    package let home: Home
    /// The user's clone.
    package let clone: Publisher.Clone
    /// By whom versions are committed.
    package let identity: CommitIdentity
    private let remote: Publisher.Remote?

    /// Prepares publishing for a clone that is at hand; makes this machine's copy of the remote where it is missing.
    package init(_ home: Home, state: String) throws {
        self.home = home
        clone = .present(home.repository)
        identity = try CommitIdentity(home.repository)
        remote = try home.remote.map { remote in
            let copy = try RemoteCopy.open(
                remote.name,
                at: try home.repository.folder(ofRemote: remote.name),
                in: state
            )
            return Publisher.Remote(name: remote.name, repository: remote.repository, copy: copy)
        }
    }

    /// The same for a supervisor, which works without the clone where there is a remote.
    init(_ supervision: Supervision, state: String) throws {
        let settings = GitSettings(
            remote: supervision.remote,
            branch: supervision.branch,
            push: supervision.push,
            ledger: supervision.ledger
        )
        identity = supervision.identity
        guard let name = supervision.remote else {
            let repository = try GitRepository(path: supervision.repository)
            (home, clone, remote) = (try Home(repository, settings: settings), .present(repository), nil)
            return
        }
        guard let folder = supervision.location else {
            throw ReconcilerError(.damaged, "the run does not say where its remote lies: run ftops apply again")
        }
        let copy = try RemoteCopy.open(name, at: folder, in: state)
        home = try Home(copy, settings: settings, author: identity.author)
        clone = Self.clone(supervision.repository, of: folder, name)
        remote = home.remote.map { Publisher.Remote(name: name, repository: $0.repository, copy: copy) }
    }

    /// A publisher to a branch.
    package func publisher(branch: String, push: Bool) -> Publisher {
        Publisher(clone: clone, remote: remote, branch: branch, push: push, identity: identity)
    }

    private static func clone(_ path: String, of folder: String, _ remote: String) -> Publisher.Clone {
        do {
            let repository = try GitRepository(path: path)
            guard try repository.folder(ofRemote: remote) == folder else {
                return .gone("\(path) has another remote `\(remote)` by now")
            }
            return .present(repository)
        } catch {
            return .gone("the clone \(path) cannot be used any more: \(error)")
        }
    }
}
