//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Dispatch
import Foundation
import FtopsTestSupport
import Testing

@testable import Git

@Suite("a branch's lock that a killed process left", .serialized)
struct ReferenceLockTests {
    let sandbox: GitSandbox
    let origin: GitRepository
    let first: ObjectID
    let second: ObjectID
    let branch = "refs/heads/main"

    init() throws {
        sandbox = try GitSandbox()
        let work = try sandbox.repository()
        let bare = sandbox.path("origin.git")
        try sandbox.git("clone", "-q", "--bare", work, bare, in: work)
        origin = try GitRepository(path: bare)
        first = try origin.resolve("main")
        second = try origin.writeCommit(tree: origin.tree(of: first), parents: [first], message: "2", author: .ftops)
    }

    private var note: String { sandbox.path("note") }
    private var lock: String { "\(origin.commonDirectory)/\(branch).lock" }

    private func isThere(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// Makes a lock look as if it had been taken a while ago.
    private func age(_ path: String) throws {
        let old = [FileAttributeKey.modificationDate: Date(timeIntervalSinceNow: -10)]
        try FileManager.default.setAttributes(old, ofItemAtPath: path)
    }

    @Test("is removed by the note of it, wherever the kill came, and the branch moves on")
    func recovers() throws {
        var random = SystemRandomNumberGenerator()
        for kill in 0..<KillTests.kills {
            let process = try LineProcess("ledger-racer", ["move", origin.commonDirectory, note, second.hex])
            #expect(process.line() == "ready")
            let pause = UInt32.random(in: 0...50_000, using: &random)
            try process.send("0")
            Thread.sleep(forTimeInterval: Double(pause) / 1_000_000)
            process.kill()
            process.end()
            if isThere(lock) { try age(lock) }
            let comment: Comment = "kill \(kill) after \(pause) microseconds, lock left: \(isThere(lock))"
            try GitRepository.removeNotedLock(note: note)
            #expect(!isThere(lock) && !isThere(note), comment)
            let tip = try #require(try origin.reference(branch), comment)
            #expect(try origin.moveBranch(branch, from: tip, to: first, message: "back", note: note), comment)
            try sandbox.git("fsck", "--strict", in: origin.commonDirectory)
        }
    }

    @Test("is told by what it holds", arguments: ["", "ours", "theirs"])
    func tells(content: String) throws {
        try ReferenceLockNote(repository: origin.commonDirectory, name: branch, new: second).write(to: note)
        try Data((content == "ours" ? "\(second)\n" : content).utf8).write(to: URL(fileURLWithPath: lock))
        try age(lock)
        try GitRepository.removeNotedLock(note: note)
        #expect(isThere(lock) == (content == "theirs"))
        #expect(!isThere(note))
    }

    @Test("is left alone where a move was refused, and without a note")
    func keepsOthers() throws {
        try Data().write(to: URL(fileURLWithPath: lock))
        try age(lock)
        #expect(try !origin.moveBranch(branch, from: first, to: second, message: "move", note: note))
        try GitRepository.removeNotedLock(note: note)
        #expect(isThere(lock) && !isThere(note))
    }

    @Test("goes with the note where the repository is gone")
    func forgets() throws {
        try ReferenceLockNote(repository: sandbox.path("gone"), name: branch, new: second).write(to: note)
        try GitRepository.removeNotedLock(note: note)
        #expect(!isThere(note))
    }
}
