//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

package import Git
internal import Manifests
internal import POSIX
package import Resources
package import Runs

/// A manifest repository together with this machine's places and clock: what every command starts from.
package struct Workspace {
    /// The user's repository.
    package let repository: GitRepository
    /// Where this machine keeps its things.
    package let places: Places
    /// Reads the time.
    package let now: () -> Timestamp

    /// Opens the repository that a folder lies in.
    package init(directory: String, places: Places, now: @escaping () -> Timestamp) throws {
        repository = try GitRepository(discovering: directory)
        self.places = places
        self.now = now
    }

    /// The manifests and what they are read from.
    package struct Desired {
        /// The files that were read.
        package let files: RepositoryFiles
        /// The resources, without errors.
        package let state: DesiredState
        /// Findings that are no errors.
        package let warnings: [Diagnostic]
        /// The commit that is checked out, or was named.
        package let commit: ObjectID?
        /// Files below `manifests/` and `datasets/` that differ from the commit.
        package let uncommitted: [String]

        /// The project's settings, or the standard ones.
        package var project: Project { state.project?.spec ?? Project() }
    }

    /// Where manifests are to be read from.
    package enum Revision: Hashable, Sendable {
        /// The work tree where there is one, else HEAD.
        case present
        /// The commit that is checked out.
        case head
        /// The commit that a revision names.
        case named(String)
    }

    /// Reads the manifests; errors in them are thrown with all their findings.
    package func desired(at revision: Revision = .present) throws -> Desired {
        let result = try read(revision)
        let errors = result.diagnostics.filter { $0.severity == .error }
        guard errors.isEmpty else {
            let count = errors.count == 1 ? "1 error" : "\(errors.count) errors"
            throw ReconcilerError(.invalid, "the manifests have \(count)", diagnostics: result.diagnostics)
        }
        return result.desired
    }

    /// Reads the manifests and says all that is wrong with them.
    package func read(_ revision: Revision) throws -> (desired: Desired, diagnostics: [Diagnostic]) {
        let (files, commit, uncommitted) = try origin(revision)
        let result = ManifestLoader.load(try files.manifests())
        let desired = Desired(
            files: files,
            state: result.state,
            warnings: result.diagnostics.filter { $0.severity == .warning },
            commit: commit,
            uncommitted: uncommitted
        )
        return (desired, result.diagnostics)
    }

    /// Files below `manifests/` and `datasets/` that differ from the commit.
    package func uncommitted() throws -> [String] {
        guard repository.workTree != nil else { return [] }
        return try repository.changedPaths(under: ["manifests", "datasets"]).map(\.path).sorted()
    }

    private func origin(_ revision: Revision) throws -> (RepositoryFiles, ObjectID?, [String]) {
        let head = try repository.head.commit
        switch revision {
        case .present:
            if let top = repository.workTree {
                return (RepositoryFiles(origin: .workTree(top)), head, try uncommitted())
            }
            return try committed(head)
        case .head:
            return try committed(head)
        case .named(let name):
            return try committed(try repository.resolve(name))
        }
    }

    private func committed(_ commit: ObjectID?) throws -> (RepositoryFiles, ObjectID?, [String]) {
        guard let commit else {
            throw ReconcilerError(.repository, "the repository has no commit yet: commit the manifests first")
        }
        return (RepositoryFiles(origin: .commit(repository, commit)), commit, [])
    }

    /// The folder that relative paths of manifests start from.
    package var top: String { repository.workTree ?? repository.gitDirectory }
}
