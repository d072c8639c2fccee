//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CGit2
internal import Glibc

extension GitRepository {
    /// As whom a commit is signed.
    package enum Role: String, Sendable {
        /// Who wrote what is committed.
        case author
        /// Who makes the commit.
        case committer
    }

    /// Whom `git commit` would sign as, by environment and configuration; nobody is made up from the machine's name.
    package func configuredIdentity(_ role: Role = .author) throws(GitError) -> Signature {
        let name = try known("NAME", of: role)
        let email = try known("EMAIL", of: role) ?? Self.variable("EMAIL")
        guard let name, let email else {
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

    private func known(_ part: String, of role: Role) throws(GitError) -> String? {
        if let given = Self.variable("GIT_\(role.rawValue.uppercased())_\(part)") { return given }
        return try configured("\(role.rawValue).\(part)", "user.\(part)")
    }

    /// The first of some keys that git is configured with, and not to be empty.
    private func configured(_ keys: String...) throws(GitError) -> String? {
        let configuration = try made("read git's configuration") { git_repository_config_snapshot($0, pointer) }
        defer { git_config_free(configuration) }
        for key in keys {
            var value: UnsafePointer<CChar>?
            let result = git_config_get_string(&value, configuration, key)
            if result == GIT_ENOTFOUND.rawValue { continue }
            try check(result, "read \(key)")
            if let value, value.pointee != 0 { return String(cString: value) }
        }
        return nil
    }

    private static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
}
