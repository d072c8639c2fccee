//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CGit2
internal import Glibc

/// Who made a commit, and when.
package struct Signature: Hashable, Sendable {
    /// The person's name.
    package var name: String
    /// The person's address.
    package var email: String
    /// Seconds since 1970; the clock's where absent.
    package var seconds: Int64?

    /// Makes a signature.
    package init(name: String, email: String, seconds: Int64? = nil) {
        self.name = name
        self.email = email
        self.seconds = seconds
    }

    /// What commits of the ledger are signed by where git has no identity configured.
    package static let ftops = Signature(name: "ftops", email: "ftops@localhost")
}

/// A commit's own fields.
package struct CommitInfo: Hashable, Sendable {
    /// The commit.
    package let id: ObjectID
    /// Its parents, first one first.
    package let parents: [ObjectID]
    /// Its message.
    package let message: String
    /// The author's name.
    package let author: String
    /// When it was committed, in seconds since 1970.
    package let seconds: Int64

    /// The message's first line.
    package var subject: String { message.prefix { $0 != "\n" }.description }
}

extension GitRepository {
    /// Stores a commit by an author and a committer, who is the author where none is given; no reference moves.
    package func writeCommit(
        tree: ObjectID,
        parents: [ObjectID],
        message: String,
        author: Signature,
        committer: Signature? = nil
    ) throws(GitError) -> ObjectID {
        var lines = ["tree \(tree)"] + parents.map { "parent \($0)" }
        let now = Int64(time(nil))
        lines.append("author \(try Self.line(author, now: now))")
        lines.append("committer \(try Self.line(committer ?? author, now: now))")
        let text = lines.joined(separator: "\n") + "\n\n" + message.replacing("\0", with: "")
        return try writeObject(Array(text.utf8), GIT_OBJECT_COMMIT, "write a commit")
    }

    /// A signature as a commit has it; libgit2 takes out of name and address what would break the line.
    private static func line(_ person: Signature, now: Int64) throws(GitError) -> String {
        let seconds = person.seconds ?? now
        var signature: UnsafeMutablePointer<git_signature>?
        let signed = git_signature_new(&signature, person.name, person.email, seconds, 0)
        try check(signed, "sign a commit as \(person.name) <\(person.email)>")
        defer { git_signature_free(signature) }
        guard let signature else { throw GitError(.failed, "cannot sign a commit: libgit2 gave nothing") }
        let (name, email) = (String(cString: signature.pointee.name), String(cString: signature.pointee.email))
        return "\(name) <\(email)> \(seconds) +0000"
    }

    /// libgit2's own call to create a commit answers 0 where the commit could not be written.
    private func writeObject(_ bytes: [UInt8], _ kind: git_object_t, _ action: String) throws(GitError) -> ObjectID {
        let database = try made(action) { git_repository_odb($0, pointer) }
        defer { git_odb_free(database) }
        var raw = git_oid()
        let result = bytes.withUnsafeBytes { bytes in
            steady { git_odb_write(&raw, database, bytes.baseAddress, bytes.count, kind) }
        }
        try check(result, action)
        return ObjectID(raw)
    }

    /// A commit's own fields.
    package func commit(_ id: ObjectID) throws(GitError) -> CommitInfo {
        let commit = try lookUpCommit(id)
        defer { git_commit_free(commit) }
        let parents = (0..<git_commit_parentcount(commit)).compactMap { index in
            git_commit_parent_id(commit, index).map { ObjectID($0.pointee) }
        }
        return CommitInfo(
            id: id,
            parents: parents,
            message: git_commit_message(commit).map { String(cString: $0) } ?? "",
            author: git_commit_author(commit).map { String(cString: $0.pointee.name) } ?? "",
            seconds: git_commit_time(commit)
        )
    }
}
