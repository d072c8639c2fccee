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

@Suite("compare and swap")
struct CompareAndSwapTests {
    let sandbox: GitSandbox
    let repository: GitRepository
    let name = "refs/ftops/ledger"
    let first: ObjectID
    let second: ObjectID

    init() throws {
        sandbox = try GitSandbox()
        repository = try GitRepository(path: sandbox.repository())
        first = try repository.resolve("HEAD")
        let tree = try repository.tree(of: first)
        second = try repository.writeCommit(tree: tree, parents: [first], message: "second", author: .ftops)
    }

    @Test("creates a reference once")
    func createsOnce() throws {
        #expect(try repository.compareAndSwap(name, from: nil, to: first, message: "create"))
        #expect(try !repository.compareAndSwap(name, from: nil, to: second, message: "create"))
        #expect(try !repository.compareAndSwap(name, from: nil, to: first, message: "create"))
        #expect(try repository.reference(name) == first)
    }

    @Test("moves a reference only from where it is")
    func movesFromOld() throws {
        #expect(try !repository.compareAndSwap(name, from: first, to: second, message: "move"))
        #expect(try repository.compareAndSwap(name, from: nil, to: first, message: "create"))
        #expect(try !repository.compareAndSwap(name, from: second, to: second, message: "move"))
        #expect(try repository.compareAndSwap(name, from: first, to: first, message: "stay"))
        #expect(try repository.compareAndSwap(name, from: first, to: second, message: "move"))
        #expect(try repository.reference(name) == second)
    }

    @Test("compares with a packed reference too")
    func comparesPacked() throws {
        #expect(try repository.compareAndSwap(name, from: nil, to: first, message: "create"))
        try sandbox.git("pack-refs", "--all", in: sandbox.path("work"))
        #expect(try !repository.compareAndSwap(name, from: nil, to: second, message: "create"))
        #expect(try repository.compareAndSwap(name, from: first, to: second, message: "move"))
    }

    @Test("refuses while a lock is held, and removes one of ftops' own that is older than a minute")
    func removesStaleLocks() throws {
        let lock = "\(repository.gitDirectory)/\(name).lock"
        try sandbox.write("", to: "work/.git/\(name).lock")
        #expect(try !repository.compareAndSwap(name, from: nil, to: first, message: "create"))
        let old = [FileAttributeKey.modificationDate: Date(timeIntervalSinceNow: -90)]
        try FileManager.default.setAttributes(old, ofItemAtPath: lock)
        #expect(try repository.compareAndSwap(name, from: nil, to: first, message: "create"))
        #expect(!FileManager.default.fileExists(atPath: lock))
    }

    @Test("never removes a lock of the user's")
    func keepsOtherLocks() throws {
        let lock = "\(repository.gitDirectory)/refs/heads/main.lock"
        try sandbox.write("", to: "work/.git/refs/heads/main.lock")
        let old = [FileAttributeKey.modificationDate: Date(timeIntervalSinceNow: -9000)]
        try FileManager.default.setAttributes(old, ofItemAtPath: lock)
        #expect(try !repository.compareAndSwap("refs/heads/main", from: first, to: second, message: "move"))
        #expect(FileManager.default.fileExists(atPath: lock))
    }

    @Test("deletes a reference only from where it is")
    func deletes() throws {
        #expect(try repository.compareAndSwap(name, from: nil, to: first, message: "create"))
        #expect(try !repository.compareAndDelete(name, from: second))
        #expect(try repository.compareAndDelete(name, from: first))
        #expect(try repository.reference(name) == nil)
    }
}
