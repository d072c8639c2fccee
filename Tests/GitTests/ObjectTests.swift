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

@Suite("objects")
struct ObjectTests {
    @Test("lists files below a folder in the order of paths")
    func lists() throws {
        let sandbox = try GitSandbox()
        let files = ["a.txt": "1", "a/b.txt": "2", "a/c/d.txt": "3", "a-b": "4", "z": "5"]
        let top = try sandbox.repository(files: files)
        let repository = try GitRepository(path: top)
        let head = try repository.resolve("HEAD")
        #expect(try repository.files(under: "", at: head).map(\.path) == ["a-b", "a.txt", "a/b.txt", "a/c/d.txt", "z"])
        #expect(try repository.files(under: "a", at: head).map(\.path) == ["a/b.txt", "a/c/d.txt"])
        #expect(try repository.files(under: "nothing", at: head).isEmpty)
        #expect(try repository.blob(at: "a/c/d.txt", in: head) == Array("3".utf8))
        #expect(try repository.blob(at: "a", in: head) == nil)
        #expect(try repository.blob(at: "a/none", in: head) == nil)
    }

    @Test("writes trees by what changes, as git would")
    func writesTrees() throws {
        let sandbox = try GitSandbox()
        let top = try sandbox.repository(files: ["keep/x": "1\n", "gone/deep/y": "2\n", "edit": "3\n"])
        let repository = try GitRepository(path: top)
        let head = try repository.resolve("HEAD")
        let tree = try repository.writeTree(
            basedOn: head,
            changes: ["new/a/b": Array("n\n".utf8), "gone/deep/y": nil, "edit": Array("e\n".utf8)]
        )
        try sandbox.write("n\n", to: "work/new/a/b")
        try sandbox.write("e\n", to: "work/edit")
        try sandbox.git("rm", "-q", "gone/deep/y", in: top)
        try sandbox.git("add", "-A", in: top)
        #expect(try tree.hex == sandbox.git("write-tree", in: top))
        #expect(try repository.writeTree(basedOn: tree, changes: [:]) == tree)
        #expect(try repository.writeTree(basedOn: tree, changes: ["no/such": nil]) == tree)
    }

    @Test(
        "refuses paths that no tree can have",
        arguments: ["edit/below", "keep", "", "/a", "a//b", "a/", "../a", ".git/config", "a/./b"]
    )
    func refusesPaths(path: String) throws {
        let sandbox = try GitSandbox()
        let repository = try GitRepository(path: sandbox.repository(files: ["keep/x": "1\n", "edit": "3\n"]))
        let head = try repository.resolve("HEAD")
        let error = #expect(throws: GitError.self) {
            try repository.writeTree(basedOn: head, changes: [path: Array("x".utf8)])
        }
        #expect(error?.code == .badPath)
    }

    @Test("walks history: ancestors, bases, the log and the root")
    func walksHistory() throws {
        let sandbox = try GitSandbox()
        let top = try sandbox.repository()
        let repository = try GitRepository(path: top)
        let root = try repository.resolve("HEAD")
        let tree = try repository.tree(of: root)
        let left = try repository.writeCommit(tree: tree, parents: [root], message: "left", author: .ftops)
        let right = try repository.writeCommit(tree: tree, parents: [root], message: "right", author: .ftops)
        let merge = try repository.writeCommit(tree: tree, parents: [left, right], message: "merge", author: .ftops)
        #expect(try repository.isAncestor(root, of: merge))
        #expect(try repository.isAncestor(left, of: left))
        #expect(try !repository.isAncestor(left, of: right))
        #expect(try repository.mergeBase(left, right) == root)
        #expect(try repository.rootCommit(of: merge) == root)
        #expect(try repository.log(from: merge).count == 4)
        #expect(try repository.log(from: merge, excluding: [left]).map(\.subject) == ["merge", "right"])
        #expect(try repository.log(from: merge, limit: 1).first?.parents == [left, right])
        #expect(try repository.distance(from: left, to: merge) == (0, 2))
    }

    @Test("copies a commit with all that it needs, and nothing more")
    func copies() throws {
        let sandbox = try GitSandbox()
        let top = try sandbox.repository(files: ["a/x": "1\n", "b/y": "2\n"])
        let repository = try GitRepository(path: top)
        let target = try GitRepository(path: sandbox.bare())
        let first = try repository.resolve("HEAD")
        let tree = try repository.writeTree(basedOn: first, changes: ["a/z": Array("3\n".utf8), "b/y": nil])
        let second = try repository.writeCommit(tree: tree, parents: [first], message: "second", author: .ftops)
        try repository.copy(second, to: target)
        #expect(try target.compareAndSwap("refs/heads/main", from: nil, to: second, message: "copy"))
        #expect(try sandbox.git("fsck", "--strict", in: target.gitDirectory) == "")
        #expect(try sandbox.git("show", "main:a/z", in: target.gitDirectory) == "3")
        try repository.copy(second, excluding: [first], to: target)
    }

    @Test("makes what it copies new, so that no git gc removes it before a reference has it")
    func copiesFreshly() throws {
        let sandbox = try GitSandbox()
        let repository = try GitRepository(path: sandbox.repository())
        let target = try GitRepository(path: sandbox.bare())
        let commit = try repository.resolve("HEAD")
        try repository.copy(commit, to: target)
        let objects = "\(target.gitDirectory)/objects"
        let old = [FileAttributeKey.modificationDate: Date(timeIntervalSinceNow: -30 * 86400)]
        for case let path as String in FileManager.default.enumerator(atPath: objects) ?? .init() {
            try FileManager.default.setAttributes(old, ofItemAtPath: "\(objects)/\(path)")
        }
        try repository.copy(commit, to: target)
        try sandbox.git("prune", "--expire=2.weeks.ago", in: target.gitDirectory)
        #expect(try target.compareAndSwap("refs/heads/main", from: nil, to: commit, message: "copy"))
        #expect(try sandbox.git("fsck", "--strict", in: target.gitDirectory) == "")
    }

    @Test("finds staged, unstaged and untracked files below folders")
    func readsStatus() throws {
        let sandbox = try GitSandbox()
        let top = try sandbox.repository(files: [
            "manifests/a": "1", "manifests/b": "2", "other": "3", ".gitignore": "*.log",
        ])
        let repository = try GitRepository(path: top)
        #expect(try repository.changedPaths(under: ["manifests", "datasets"]).isEmpty)
        try sandbox.write("new", to: "work/manifests/a")
        try sandbox.git("add", "-A", in: top)
        try sandbox.write("newer", to: "work/manifests/b")
        try sandbox.write("new", to: "work/other")
        try sandbox.write("new", to: "work/datasets/x/y.jsonl")
        try sandbox.write("new", to: "work/datasets/x/y.log")
        let changes = try repository.changedPaths(under: ["manifests/", "datasets"])
        #expect(changes.map(\.path) == ["datasets/x/y.jsonl", "manifests/a", "manifests/b"])
        #expect(changes.map(\.isUntracked) == [true, false, false])
        #expect(changes.map(\.isStaged) == [false, true, false])
        #expect(changes.map(\.isUnstaged) == [false, false, true])
        #expect(try repository.isIgnored("datasets/x/y.log"))
        #expect(try !repository.isIgnored("datasets/x/y.jsonl"))
    }

    @Test(
        "tells folders from servers as git does",
        arguments: [
            ("/srv/a.git", "/srv/a.git"), ("../a.git", "/home/a.git"), ("./x/../a", "/home/me/a"),
            ("file:///srv/a%20b.git", "/srv/a b.git"), ("./a:b", "/home/me/a:b"),
        ]
    )
    func readsFolders(url: String, path: String) {
        #expect(RemoteLocation(url: url, relativeTo: "/home/me") == .path(path))
    }

    @Test(
        "refuses servers, without their passwords, and says what works",
        arguments: ["https://ada:secret@example.com/a.git", "ssh://git@example.com/a", "git@example.com:a/b.git"]
    )
    func refusesServers(url: String) {
        let location = RemoteLocation(url: url, relativeTo: "/")
        let error = #expect(throws: GitError.self) { try location.folder(ofRemote: "origin") }
        #expect(error?.code == .unsupportedRemote)
        #expect(error?.message.contains("git: {remote: none}") == true)
        #expect(error?.message.contains("secret") == false)
    }
}
