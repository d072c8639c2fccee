//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CGit2

/// A git repository on this machine, by libgit2.
///
/// Its calls block, and a handle belongs to one thread at a time; open another one for another thread.
package final class GitRepository {
    let pointer: OpaquePointer

    /// The folder with this work tree's HEAD and index, absolute.
    package let gitDirectory: String
    /// The folder with references and objects, absolute; another one only in a linked work tree.
    package let commonDirectory: String
    /// The top of the work tree, absolute; nothing in a bare repository.
    package let workTree: String?

    /// Opens the repository at a path: its work tree's top, its `.git`, or a bare one.
    package convenience init(path: String) throws(GitError) {
        try LibGit2.start()
        let pointer = try found("open the repository at \(path)") { git_repository_open($0, path) }
        guard let pointer else { throw Self.none(at: path) }
        try self.init(owning: pointer)
    }

    /// Opens the repository that a path lies in.
    package convenience init(discovering path: String) throws(GitError) {
        try LibGit2.start()
        let pointer = try found("open the repository of \(path)") { git_repository_open_ext($0, path, 0, nil) }
        guard let pointer else { throw Self.none(at: path) }
        try self.init(owning: pointer)
    }

    private init(owning pointer: OpaquePointer) throws(GitError) {
        self.pointer = pointer
        gitDirectory = Self.folder(git_repository_path(pointer)) ?? ""
        commonDirectory = Self.folder(git_repository_commondir(pointer)) ?? gitDirectory
        workTree = Self.folder(git_repository_workdir(pointer))
        try Self.configure(pointer)
    }

    deinit { git_repository_free(pointer) }

    /// Whether there is no work tree.
    package var isBare: Bool { workTree == nil }

    /// Makes a repository whose first branch is `main`.
    package static func create(at path: String, bare: Bool) throws(GitError) -> GitRepository {
        try LibGit2.start()
        var options = git_repository_init_options()
        git_repository_init_options_init(&options, UInt32(GIT_REPOSITORY_INIT_OPTIONS_VERSION))
        options.flags = GIT_REPOSITORY_INIT_MKPATH.rawValue | (bare ? GIT_REPOSITORY_INIT_BARE.rawValue : 0)
        let pointer = try made("create a repository at \(path)") { out in
            "main".withCString { branch in
                options.initial_head = branch
                return git_repository_init_ext(out, path, &options)
            }
        }
        return try GitRepository(owning: pointer)
    }

    private static func folder(_ path: UnsafePointer<CChar>?) -> String? {
        guard let path else { return nil }
        let text = String(cString: path)
        return text.utf8.count > 1 && text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    private static func none(at path: String) -> GitError {
        GitError(.noRepository, "\(path) is in no git repository; run `git init` there first")
    }
}
