//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Git
import Testing

@Suite("revisions and references")
struct RevisionTests {
    @Test("opens a repository from a folder in it and says where it lies")
    func discovers() throws {
        let sandbox = try GitSandbox()
        let top = try sandbox.repository(files: ["a/b.txt": "1\n"])
        let repository = try GitRepository(discovering: top + "/a")
        #expect(repository.workTree == top)
        #expect(repository.gitDirectory == top + "/.git")
        #expect(!repository.isBare)
        #expect(try GitRepository(path: sandbox.bare()).isBare)
    }

    @Test("says what to do where there is no repository")
    func refusesNoRepository() throws {
        let sandbox = try GitSandbox()
        let error = #expect(throws: GitError.self) { try GitRepository(path: sandbox.folder) }
        #expect(error?.code == .noRepository)
        #expect(error?.message.contains("git init") == true)
    }

    @Test("says that there is no such folder, and that objects named by SHA-256 cannot be read")
    func refusesOthers() throws {
        let sandbox = try GitSandbox()
        let missing = #expect(throws: GitError.self) { try GitRepository(discovering: sandbox.path("nowhere")) }
        #expect(missing?.message == "there is no \(sandbox.path("nowhere"))")
        let top = sandbox.path("long")
        try sandbox.git("init", "-q", "--object-format=sha256", top, in: sandbox.folder)
        let error = #expect(throws: GitError.self) { try GitRepository(discovering: top) }
        #expect(error?.code == .unsupportedRepository)
        #expect(error?.message.contains("--object-format=sha1") == true)
    }

    @Test("says what is wrong with a revision", arguments: ["nothing", "", "HEAD~7", "@{", "a\u{1B}b", "HEAD:a"])
    func refuses(revision: String) throws {
        let sandbox = try GitSandbox()
        let repository = try GitRepository(path: try sandbox.repository(files: ["a/b": "1"]))
        let error = #expect(throws: GitError.self) { try repository.resolve(revision) }
        #expect(error?.code == .notFound)
        #expect(error?.message.contains("commit") == true && error?.message.contains("libgit2") == false)
    }

    @Test("says that a shallow clone has not all commits")
    func refusesInShallow() throws {
        let sandbox = try GitSandbox()
        let seed = try sandbox.repository("seed")
        try sandbox.git("clone", "-q", "--depth=1", "file://\(seed)", sandbox.path("shallow"), in: sandbox.folder)
        let error = #expect(throws: GitError.self) {
            try GitRepository(path: sandbox.path("shallow")).resolve("HEAD~1")
        }
        #expect(error?.message.contains("git fetch --unshallow") == true)
    }

    @Test("resolves branches, tags and ids to commits", arguments: ["HEAD", "main", "v1", "HEAD^{commit}"])
    func resolves(revision: String) throws {
        let sandbox = try GitSandbox()
        let top = try sandbox.repository()
        try sandbox.git("tag", "-a", "-m", "one", "v1", in: top)
        let repository = try GitRepository(path: top)
        #expect(try repository.resolve(revision).hex == sandbox.git("rev-parse", "HEAD", in: top))
        let error = #expect(throws: GitError.self) { try repository.resolve("nothing") }
        #expect(error?.code == .notFound)
    }

    @Test("tells a branch, an unborn branch and a detached HEAD apart")
    func readsHead() throws {
        let sandbox = try GitSandbox()
        let top = try sandbox.repository()
        let repository = try GitRepository(path: top)
        let commit = try repository.resolve("HEAD")
        #expect(try repository.head == .branch(name: "refs/heads/main", commit: commit))
        try sandbox.git("checkout", "-q", "--detach", in: top)
        #expect(try repository.head == .detached(commit))
        let bare = try GitRepository(path: sandbox.bare())
        #expect(try bare.head == .branch(name: "refs/heads/main", commit: nil))
    }

    @Test("finds the upstream, the remotes and what was fetched")
    func readsRemotes() throws {
        let sandbox = try GitSandbox()
        let origin = try sandbox.bare()
        let seed = try sandbox.repository("seed")
        try sandbox.git("push", "-q", origin, "main", in: seed)
        let top = try sandbox.clone(origin, as: "clone")
        let repository = try GitRepository(path: top)
        let upstream = try #require(try repository.upstream(of: "refs/heads/main"))
        #expect(upstream.remote == "origin")
        #expect(upstream.branch == "refs/heads/main")
        #expect(upstream.tracking == "refs/remotes/origin/main")
        #expect(try repository.remotes.map(\.location) == [.path(origin)])
        try sandbox.git("commit", "-q", "--allow-empty", "-m", "second", in: seed)
        try sandbox.git("push", "-q", origin, "main", in: seed)
        let tip = try sandbox.git("rev-parse", "main", in: origin)
        #expect(try repository.fetchBranch("refs/heads/main", remote: "origin", note: sandbox.path("note"))?.hex == tip)
        #expect(try repository.reference("refs/remotes/origin/main")?.hex == tip)
        #expect(try repository.fetch(remote: "origin", reference: "refs/heads/none") == nil)
        #expect(try repository.upstream(of: "refs/heads/other") == nil)
    }

    @Test("fetches where a reference is locked, and says which folder has no repository")
    func fetchesLocked() throws {
        let sandbox = try GitSandbox()
        let origin = try sandbox.bare()
        let seed = try sandbox.repository("seed")
        try sandbox.git("push", "-q", origin, "main", in: seed)
        let top = try sandbox.clone(origin, as: "clone")
        try sandbox.git("commit", "-q", "--allow-empty", "-m", "second", in: seed)
        try sandbox.git("push", "-q", origin, "main", in: seed)
        try sandbox.write("", to: "clone/.git/refs/remotes/origin/main.lock")
        let repository = try GitRepository(path: top)
        let fetched = try repository.fetchBranch("refs/heads/main", remote: "origin", note: sandbox.path("note"))
        #expect(try repository.commit(#require(fetched)).subject == "second")
        try FileManager.default.removeItem(atPath: origin)
        let error = #expect(throws: GitError.self) { try repository.openRemote("origin") }
        #expect(error?.code == .unreachableRemote)
        #expect(error?.message.contains("remote `origin` cannot be reached") == true)
    }

    @Test("says what is under way", arguments: ["merge", "rebase"])
    func readsState(operation: String) throws {
        let sandbox = try GitSandbox()
        let top = try sandbox.repository()
        let repository = try GitRepository(path: top)
        #expect(repository.operationUnderWay == nil)
        try sandbox.git("checkout", "-q", "-b", "side", in: top)
        try sandbox.write("side\n", to: "work/README.md")
        try sandbox.git("commit", "-q", "-am", "side", in: top)
        try sandbox.git("checkout", "-q", "main", in: top)
        try sandbox.write("main\n", to: "work/README.md")
        try sandbox.git("commit", "-q", "-am", "main", in: top)
        #expect(throws: GitSandbox.Failure.self) { try sandbox.git(operation, "side", in: top) }
        #expect(repository.operationUnderWay == operation)
    }
}
