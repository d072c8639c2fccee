//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import Git
internal import Ledger
internal import Planning
internal import Resources

/// A version that is to be on a branch, or what was added to one.
struct VersionCommit {
    let record: VersionRecord
    let description: Model?
    let content: Publication.Content
    let identity: CommitIdentity

    /// The record where a commit has the version already, and nothing is to be added to it.
    func find(in repository: GitRepository, at tip: ObjectID?) throws -> VersionRecord? {
        guard let tip, !content.isExtension else { return nil }
        return try PublishedVersions.read(repository, tip).first { $0.model == record.model && $0.id == record.id }
    }

    /// Stores the commit that brings it on top of another, and gives the number that it has there; no branch moves.
    func write(on tip: ObjectID, in repository: GitRepository) throws -> (commit: ObjectID, number: Int?) {
        let tree = VersionTree(existing: try PublishedVersions.read(repository, tip))
        let addition = tree.adding(record, description: description)
        let root = try repository.writeTree(basedOn: tip, changes: addition.files.mapValues { Optional($0) })
        let made = try repository.writeCommit(
            tree: root,
            parents: [tip],
            message: VersionMessage.text(addition.record, as: content),
            author: identity.author,
            committer: identity.committer
        )
        return (made, addition.record.number)
    }

    /// Whether all commits from one to the other are versions that ftops committed.
    static func areAll(from old: ObjectID, to new: ObjectID, in repository: GitRepository) throws -> Bool {
        try repository.log(from: new, excluding: [old]).allSatisfy { VersionMessage.isOne($0.message) }
    }
}
