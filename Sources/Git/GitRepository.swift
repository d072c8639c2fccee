//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import CGit2
internal import Glibc

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
        try self.init(owning: try Self.open(path) { git_repository_open($0, path) })
    }

    /// Opens the repository that a path lies in.
    package convenience init(discovering path: String) throws(GitError) {
        try LibGit2.start()
        try self.init(owning: try Self.open(path) { git_repository_open_ext($0, path, 0, nil) })
    }

    private init(owning pointer: OpaquePointer) throws(GitError) {
        self.pointer = pointer
        gitDirectory = Self.folder(git_repository_path(pointer)) ?? ""
        commonDirectory = Self.folder(git_repository_commondir(pointer)) ?? gitDirectory
        workTree = Self.folder(git_repository_workdir(pointer))
        try Self.configure(pointer)
    }

    deinit { git_repository_free(pointer) }

    /// Starts git's library, which else the first repository does that is opened.
    package static func prepare() { try? LibGit2.start() }

    /// Whether it still lies where it was opened.
    package var isPresent: Bool { access("\(gitDirectory)/HEAD", F_OK) == 0 }

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

    private static func open(
        _ path: String,
        by call: (UnsafeMutablePointer<OpaquePointer?>) -> Int32
    ) throws(GitError) -> OpaquePointer {
        let pointer: OpaquePointer?
        do {
            pointer = try found("open the repository of \(path)", call)
        } catch {
            guard objectFormat(of: path) == "sha256" else { throw error }
            throw GitError(
                .unsupportedRepository,
                "the repository of \(path) names its objects by SHA-256, which ftops cannot read; "
                    + "make one by SHA-1, as `git init --object-format=sha1` does"
            )
        }
        if let pointer { return pointer }
        let isThere = access(path, F_OK) == 0
        let problem = isThere ? "\(path) is in no git repository; run `git init` there first" : "there is no \(path)"
        throw GitError(.noRepository, problem)
    }

    /// What a repository's own configuration says of how its objects are named; nothing where it says nothing.
    private static func objectFormat(of path: String) -> String? {
        guard let folder = (try? text("find the repository", { git_repository_discover($0, path, 0, nil) })) ?? nil,
            let file = (try? found("read its config", { git_config_open_ondisk($0, folder + "config") })) ?? nil
        else { return nil }
        defer { git_config_free(file) }
        return (try? text("read", { git_config_get_string_buf($0, file, "extensions.objectformat") })) ?? nil
    }
}
