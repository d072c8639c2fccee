//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Git
internal import Ledger
package import Resources

/// Where versions and the ledger of a repository go: Project's settings, with git's own where Project says nothing.
package struct GitSettings: Hashable, Sendable {
    /// The remote's name; nothing where everything stays in this repository.
    package var remote: String?
    /// The branch's short name; nothing where HEAD is detached and Project names none.
    package var branch: String?
    /// Whether versions are pushed.
    package var push: Bool
    /// The ledger's ref.
    package var ledger: String

    /// Makes settings that are known already.
    package init(remote: String?, branch: String?, push: Bool, ledger: String) {
        self.remote = remote
        self.branch = branch
        self.push = push
        self.ledger = ledger
    }

    /// The settings of a repository: the remote is Project's, else the branch's upstream, else `origin` where there is
    /// one; `none` is none.
    package init(_ project: Located<Project>?, in repository: GitRepository) throws {
        let git = project?.spec.git ?? Project.Git()
        let named = git.branch
        let checkedOut: String? =
            if case .branch(let name, _) = try repository.head { String(name.dropFirst("refs/heads/".count)) } else {
                nil
            }
        branch = named ?? checkedOut
        push = git.push
        ledger = git.ledger
        switch git.remote {
        case "none": remote = nil
        case let name?:
            guard try repository.remote(named: name) != nil else {
                let message =
                    "Project names remote \(name), which git does not know: add it with git remote add \(name) URL, "
                    + "or say `remote: none`"
                let range = project?.fields["spec.git.remote"] ?? project?.range
                let finding = Diagnostic("unknown-remote", message, range: range)
                throw ReconcilerError(.repository, message, diagnostics: [finding])
            }
            remote = name
        case nil:
            let upstream = try branch.flatMap { try repository.upstream(of: "refs/heads/\($0)")?.remote }
            remote = try upstream ?? repository.remote(named: "origin")?.name
        }
    }
}
