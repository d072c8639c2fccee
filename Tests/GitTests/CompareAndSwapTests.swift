//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import FtopsTestSupport
import Glibc
import Testing

@testable import Git

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

    @Test("removes one of the ledger that is kept as a branch too")
    func removesStaleBranchLock() throws {
        let lock = "work/.git/\(GitRepository.ownBranch).lock"
        try sandbox.write("", to: lock)
        let old = [FileAttributeKey.modificationDate: Date(timeIntervalSinceNow: -90)]
        try FileManager.default.setAttributes(old, ofItemAtPath: sandbox.path(lock))
        #expect(try repository.compareAndSwap(GitRepository.ownBranch, from: nil, to: first, message: "create"))
    }

    @Test("takes a lock for stale that was the same for a minute, whatever the date says")
    func watchesLocks() throws {
        var status = stat()
        #expect(lstat(sandbox.path("work"), &status) == 0)
        let lock = StaleLocks.Identity(status)
        status.st_ino += 1
        let later = StaleLocks.Identity(status)
        var sightings = StaleLocks.Sightings()
        #expect(sightings.note(lock, at: "a", time: 100) == 0)
        #expect(sightings.note(lock, at: "b", time: 130) == 0)
        #expect(sightings.note(lock, at: "a", time: 161) == 61)
        #expect(sightings.note(later, at: "a", time: 170) == 0)
        #expect(sightings.note(later, at: "a", time: 171) == 1)
    }

    @Test("leaves a stale lock to others where it may make no file of its own to take turns by")
    func leavesLocks() throws {
        let lock = "work/.git/\(name).lock"
        try sandbox.write("", to: lock)
        let old = [FileAttributeKey.modificationDate: Date(timeIntervalSinceNow: -90)]
        try FileManager.default.setAttributes(old, ofItemAtPath: sandbox.path(lock))
        try sandbox.write("", to: "work/.git/ftops.lock/in-the-way")
        #expect(try !repository.compareAndSwap(name, from: nil, to: first, message: "create"))
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
