//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Testing

@testable import Git

/// A repository with edits of every kind, and a commit that its branch is to be advanced to.
struct Scene {
    let sandbox: GitSandbox
    let top: String
    let repository: GitRepository
    let old: ObjectID
    let new: ObjectID
    /// The work tree's state as git tells it, before anything is done.
    let before: State

    /// What git and the file system say of a work tree.
    struct State: Equatable {
        let status: String
        let staged: String
        let files: [String: String]
    }

    init(
        files: [String: String] = [
            "versions/a/m/README.md": "one\n", "versions/a/m/gone.svg": "gone\n", "kept": "kept\n",
        ],
        changes: [String: String?] = [
            "versions/a/m/1-abc.yaml": "record\n", "versions/a/m/README.md": "two\n", "versions/b/n/deep/x": "x\n",
            "versions/a/m/gone.svg": nil,
        ],
        edits: Bool = true
    ) throws {
        sandbox = try GitSandbox()
        top = try sandbox.repository(files: files.merging(["manifests/a": "a\n", "manifests/b": "b\n"]) { $1 })
        if edits {
            try sandbox.write("staged\n", to: "work/manifests/a")
            try sandbox.git("add", "manifests/a", in: top)
            try sandbox.write("edited on top\n", to: "work/manifests/a")
            try sandbox.write("edited\n", to: "work/manifests/b")
            try sandbox.write("untracked\n", to: "work/versions/a/notes.txt")
            try sandbox.write("new\n", to: "work/added")
            try sandbox.git("add", "added", in: top)
            try FileManager.default.removeItem(atPath: top + "/kept")
        }
        repository = try GitRepository(path: top)
        old = try repository.resolve("HEAD")
        let tree = try repository.writeTree(basedOn: old, changes: changes.mapValues { $0.map { Array($0.utf8) } })
        new = try repository.writeCommit(tree: tree, parents: [old], message: "publish", author: .ftops)
        before = try Self.state(sandbox, top)
    }

    var note: String { sandbox.path("note") }

    var advance: WorkTreeAdvance {
        WorkTreeAdvance(repository, branch: "refs/heads/main", from: old, to: new, note: note)
    }

    func state() throws -> State { try Self.state(sandbox, top) }

    private static func state(_ sandbox: GitSandbox, _ top: String) throws -> State {
        var files: [String: String] = [:]
        for case let path as String in FileManager.default.enumerator(atPath: top) ?? .init() {
            guard !path.hasPrefix(".git/"), path != ".git", let text = sandbox.read("work/\(path)") else { continue }
            files[path] = text
        }
        return State(
            status: try sandbox.git("status", "--porcelain", "-uall", in: top),
            staged: try sandbox.git("diff", "--cached", in: top),
            files: files
        )
    }

    /// Everything is as it was, and nothing was left behind.
    func expectUntouched(_ comment: Comment? = nil) throws {
        #expect(try repository.head == .branch(name: "refs/heads/main", commit: old), comment)
        #expect(try state() == before, comment)
        try expectClean(comment)
    }

    /// The branch has moved, the commit's files are there, and the user's edits are what they were.
    func expectAdvanced(_ comment: Comment? = nil) throws {
        #expect(try repository.head == .branch(name: "refs/heads/main", commit: new), comment)
        let after = try state()
        #expect(after.status == before.status, comment)
        #expect(after.staged == before.staged, comment)
        var expected = before.files
        for change in try repository.changes(from: old, to: new) {
            expected[change.path] = try change.new.map { String(decoding: try repository.blob($0.id), as: UTF8.self) }
        }
        #expect(after.files == expected, comment)
        try expectClean(comment)
    }

    private func expectClean(_ comment: Comment?) throws {
        try sandbox.git("fsck", "--strict", in: top)
        // By the lock of its own, which stays, ftops takes turns at removing locks that others left.
        let left = try FileManager.default.contentsOfDirectory(atPath: top + "/.git").filter { name in
            name != "ftops.lock" && (name.contains("ftops-") || name.hasSuffix(".lock"))
        }
        #expect(left.isEmpty, comment)
        #expect(!FileManager.default.fileExists(atPath: note), comment)
    }
}
