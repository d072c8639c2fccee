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
    /// The identity that git is configured with, by environment or configuration.
    package func configuredIdentity() throws(GitError) -> Signature {
        let configured = (name: try configured("user.name"), email: try configured("user.email"))
        guard let name = Self.variable("GIT_AUTHOR_NAME") ?? configured.name,
            let email = Self.variable("GIT_AUTHOR_EMAIL") ?? configured.email
        else {
            throw GitError(
                .noIdentity,
                """
                git does not know who commits; type
                  git config --global user.name "Your Name"
                  git config --global user.email you@example.com
                """
            )
        }
        return Signature(name: name, email: email)
    }

    /// A value of git's configuration; nothing where it is not set, or empty.
    package func configured(_ key: String) throws(GitError) -> String? {
        let configuration = try made("read git's configuration") { git_repository_config_snapshot($0, pointer) }
        defer { git_config_free(configuration) }
        var value: UnsafePointer<CChar>?
        let result = git_config_get_string(&value, configuration, key)
        if result == GIT_ENOTFOUND.rawValue { return nil }
        try check(result, "read \(key)")
        return value.map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Stores a commit by an author, or by git's configured identity; no reference moves.
    package func writeCommit(
        tree: ObjectID,
        parents: [ObjectID],
        message: String,
        author: Signature? = nil
    ) throws(GitError) -> ObjectID {
        let author = if let author { author } else { try configuredIdentity() }
        let seconds = author.seconds ?? Int64(time(nil))
        var signature: UnsafeMutablePointer<git_signature>?
        let signed = git_signature_new(&signature, author.name, author.email, seconds, 0)
        try check(signed, "sign a commit as \(author.name) <\(author.email)>")
        defer { git_signature_free(signature) }
        guard let signature else { throw GitError(.failed, "cannot sign a commit: libgit2 gave nothing") }
        let (name, email) = (String(cString: signature.pointee.name), String(cString: signature.pointee.email))
        var lines = ["tree \(tree)"] + parents.map { "parent \($0)" }
        lines += ["author", "committer"].map { "\($0) \(name) <\(email)> \(seconds) +0000" }
        let text = lines.joined(separator: "\n") + "\n\n" + message.replacing("\0", with: "")
        return try writeObject(Array(text.utf8), GIT_OBJECT_COMMIT, "write a commit")
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

    private static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
}
