//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Digest
internal import Git
internal import Ledger

/// What git, here and at a remote that is a folder, says of all that a plan depends on beside files.
struct GitStanding: Hashable {
    /// What is checked out.
    let head: Head
    /// The ledger where it lies.
    let ledger: ObjectID?
    /// The branch that versions go to, at the remote.
    let remoteBranch: ObjectID?
    /// All of it.
    let digest: SHA256Digest

    /// Reads it all anew.
    ///
    /// - Throws: Where there is something that cannot be read, or a remote that is away.
    init(_ repository: GitRepository, _ settings: GitSettings) throws {
        var hasher = SHA256Hasher()
        func note(_ parts: String?...) {
            hasher.update(parts.map { $0.map { "=\($0)\0" } ?? "\0" }.joined() + "\n")
        }
        for (name, value) in try repository.configuration { note("config", name, value) }
        head = try repository.head
        let branch = if case .branch(let name, _) = head { name } else { String?.none }
        note("head", branch, head.commit?.hex)
        // What was seen of ledgers, and what became part of others, decides which one holds.
        let own = try repository.references(under: GitRepository.ownReferences)
        for (name, id) in own { note("own", name, id.hex) }
        note("here", try repository.reference(settings.ledger)?.hex)
        let home = try settings.remote.map { try RunLedger.Home(opening: $0, of: repository).repository }
        if let home, !home.isPresent { throw GitError(unreachable: settings.remote ?? "", at: home.gitDirectory) }
        ledger = try (home ?? repository).reference(settings.ledger)
        remoteBranch = try settings.branch.flatMap { try home?.reference("refs/heads/\($0)") }
        note("there", ledger?.hex, remoteBranch?.hex)
        digest = hasher.finalize()
    }
}
